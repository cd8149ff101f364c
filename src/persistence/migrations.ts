import type { DataSource } from 'typeorm';
import { TenantsKeysClusters1767225600000 } from '../../migrations/1767225600000-tenants-keys-clusters.js';

/** All migrations, oldest first. */
export const MIGRATIONS = Object.freeze([TenantsKeysClusters1767225600000]);

const MIGRATIONS_TABLE = 'migrations';

/** The control database cannot be used by this build; the message says why, for whoever started it. */
export class ControlDatabaseError extends Error {
  override readonly name = 'ControlDatabaseError';
}

/** Brings the schema up to this build's. @throws ControlDatabaseError when it is beyond that already. */
export async function migrate(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    if (await runner.hasTable(MIGRATIONS_TABLE)) {
      const known = new Set(MIGRATIONS.map((each) => each.name));
      const applied = await source.manager
        .createQueryBuilder()
        .select('name')
        .from(MIGRATIONS_TABLE, MIGRATIONS_TABLE)
        .getRawMany<{ name: string }>();
      const unknown = applied.find(({ name }) => !known.has(name));
      if (unknown !== undefined) {
        throw new ControlDatabaseError(
          `the data directory was written by a newer version (migration ${unknown.name}; ` +
            `this build knows up to ${MIGRATIONS.at(-1)?.name})`,
        );
      }
    }
  } finally {
    await runner.release();
  }
  await source.runMigrations({ transaction: 'all' });
}
