import type { MigrationInterface, QueryRunner, TableColumnOptions } from 'typeorm';
import { Table } from 'typeorm';

const text = (name: string): TableColumnOptions => ({ name, type: 'varchar' });
const id: TableColumnOptions = { ...text('id'), isPrimary: true };
const createdAt: TableColumnOptions = { name: 'created_at', type: 'bigint' };

/** The tenants, their API keys and the register of clusters. */
export class TenantsKeysClusters1767225600000 implements MigrationInterface {
  readonly name = 'TenantsKeysClusters1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({ name: 'tenant', columns: [id, { ...text('name'), isUnique: true }, createdAt] }),
    );
    await runner.createTable(
      new Table({
        name: 'api_key',
        columns: [id, text('tenant_id'), text('name'), { ...text('hash'), isUnique: true }, text('prefix'), createdAt],
        uniques: [{ columnNames: ['tenant_id', 'name'] }],
        foreignKeys: [
          {
            columnNames: ['tenant_id'],
            referencedTableName: 'tenant',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'cluster',
        columns: [id, text('tenant_id'), text('name'), { name: 'spec', type: 'text' }, createdAt],
        uniques: [{ columnNames: ['tenant_id', 'name'] }],
        // Without a cascade: a cluster's log outlives its row, so that a tenant goes last.
        foreignKeys: [{ columnNames: ['tenant_id'], referencedTableName: 'tenant', referencedColumnNames: ['id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['cluster', 'api_key', 'tenant']) await runner.dropTable(table);
  }
}
