import type { ClusterRecord, ClusterRecords } from '../hosting/cluster-records.port.js';
import { NameInUseError } from '../hosting/cluster-records.port.js';
import { ClusterEntity } from './cluster.entity.js';
import { brokenConstraint } from './constraint.js';
import type { ControlDatabase } from './control-database.js';

export class DatabaseClusterRecords implements ClusterRecords {
  readonly #database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.#database = database;
  }

  async insert(record: ClusterRecord): Promise<void> {
    try {
      await this.#database.write((manager) => manager.insert(ClusterEntity, record));
    } catch (error) {
      throw brokenConstraint(error) === 'unique'
        ? new NameInUseError(`the tenant has a cluster ${JSON.stringify(record.name)} already`)
        : error;
    }
  }

  list(): Promise<readonly ClusterRecord[]> {
    return this.#database.read((manager) => manager.find(ClusterEntity, { order: { createdAt: 'ASC', id: 'ASC' } }));
  }

  async remove(id: string): Promise<boolean> {
    const { affected } = await this.#database.write((manager) => manager.delete(ClusterEntity, { id }));
    return (affected ?? 0) > 0;
  }
}
