import type { TenantRecord, TenantRecords } from '../auth/tenants.port.js';
import { NameInUseError, TenantInUseError } from '../auth/tenants.port.js';
import { brokenConstraint } from './constraint.js';
import type { ControlDatabase } from './control-database.js';
import { TenantEntity } from './tenant.entity.js';

export class DatabaseTenantRecords implements TenantRecords {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  list(): Promise<readonly TenantRecord[]> {
    return this.#database.read((manager) => manager.find(TenantEntity, { order: { name: 'ASC' } }));
  }

  async find(name: string): Promise<TenantRecord | undefined> {
    return (await this.#database.read((manager) => manager.findOneBy(TenantEntity, { name }))) ?? undefined;
  }

  async create(record: TenantRecord): Promise<void> {
    try {
      await this.#database.write((manager) => manager.insert(TenantEntity, record));
    } catch (error) {
      throw brokenConstraint(error) === 'unique'
        ? new NameInUseError(`tenant ${JSON.stringify(record.name)} exists already`)
        : error;
    }
  }

  async delete(id: string): Promise<boolean> {
    try {
      const { affected } = await this.#database.write((manager) => manager.delete(TenantEntity, { id }));
      return (affected ?? 0) > 0;
    } catch (error) {
      throw brokenConstraint(error) === 'foreign-key' ? new TenantInUseError('the tenant has clusters') : error;
    }
  }
}
