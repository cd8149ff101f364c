import type { KeyRecord, KeyRecords } from '../auth/tenants.port.js';
import { NameInUseError } from '../auth/tenants.port.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { brokenConstraint } from './constraint.js';
import type { ControlDatabase } from './control-database.js';

export class DatabaseKeyRecords implements KeyRecords {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  async create(record: KeyRecord): Promise<void> {
    try {
      await this.#database.write((manager) => manager.insert(ApiKeyEntity, record));
    } catch (error) {
      throw brokenConstraint(error) === 'unique'
        ? new NameInUseError(`the tenant has a key ${JSON.stringify(record.name)} already`)
        : error;
    }
  }

  list(tenantId: string): Promise<readonly KeyRecord[]> {
    return this.#database.read((manager) =>
      manager.find(ApiKeyEntity, { where: { tenantId }, order: { name: 'ASC' } }),
    );
  }

  async delete(tenantId: string, id: string): Promise<boolean> {
    const { affected } = await this.#database.write((manager) => manager.delete(ApiKeyEntity, { tenantId, id }));
    return (affected ?? 0) > 0;
  }

  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    return (await this.#database.read((manager) => manager.findOneBy(ApiKeyEntity, { hash }))) ?? undefined;
  }
}
