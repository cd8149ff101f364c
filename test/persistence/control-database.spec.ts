import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { NameInUseError, TenantInUseError, type KeyRecord, type TenantRecord } from '../../src/auth/tenants.port.js';
import type { ClusterRecord } from '../../src/hosting/cluster-records.port.js';
import { DatabaseClusterRecords } from '../../src/persistence/cluster-records.js';
import { ControlDatabase } from '../../src/persistence/control-database.js';
import { DatabaseKeyRecords } from '../../src/persistence/key-records.js';
import { DatabaseTenantRecords } from '../../src/persistence/tenant-records.js';
import { TenantEntity } from '../../src/persistence/tenant.entity.js';

let dataDir: string;
let database: ControlDatabase;

beforeEach(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'flotilla-control-')), 'data');
  database = await ControlDatabase.open({ dataDir });
});

afterEach(async () => {
  await database.close();
  rmSync(join(dataDir, '..'), { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  await database.close();
  database = await ControlDatabase.open({ dataDir });
}

const tenant = (name: string): TenantRecord => ({ id: randomUUID(), name, createdAt: 1_767_225_600_123 });
const key = (tenantId: string, name: string): KeyRecord => ({
  id: randomUUID(),
  tenantId,
  name,
  hash: randomUUID(),
  prefix: 'flt_ab',
  createdAt: 1,
});
const cluster = (tenantId: string, name: string, createdAt = 1): ClusterRecord => ({
  id: randomUUID(),
  tenantId,
  name,
  spec: '{"seed":1}',
  createdAt,
});

describe('ControlDatabase', () => {
  it('keeps its files from other users', () => {
    const modes = [dataDir, join(dataDir, 'control.db'), join(dataDir, 'control.db-wal')].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600]);
  });

  it('loses none of many concurrent writes', async () => {
    const tenants = new DatabaseTenantRecords(database);
    const records = Array.from({ length: 100 }, (_, index) => tenant(`tenant-${String(index).padStart(3, '0')}`));
    const reads = records.map(async (record) => {
      await tenants.create(record);
      return tenants.find(record.name);
    });
    expect(await Promise.all(reads)).toEqual(records);
    await reopen();
    expect(await new DatabaseTenantRecords(database).list()).toEqual(records);
  });

  it('undoes the whole of a write that fails, and only that', async () => {
    const failing = database.write(async (manager) => {
      await manager.insert(TenantEntity, tenant('undone'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('changed its mind');
    });
    const tenants = new DatabaseTenantRecords(database);
    const [outcome, , names] = await Promise.allSettled([failing, tenants.create(tenant('kept')), tenants.list()]);
    expect(outcome.status).toBe('rejected');
    expect(names).toMatchObject({ value: [{ name: 'kept' }] });
  });

  it('runs work in the order in which it was asked for', async () => {
    const order: number[] = [];
    const work = (number: number) =>
      database.write(async () => {
        await new Promise((resolve) => setTimeout(resolve, 5 - number));
        order.push(number);
      });
    await Promise.all([0, 1, 2, 3, 4].map(work));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('finishes what was asked for before it closes, and then takes nothing more', async () => {
    const tenants = new DatabaseTenantRecords(database);
    const created = tenants.create(tenant('late'));
    await Promise.all([database.close(), database.close()]);
    await created;
    await expect(tenants.list()).rejects.toThrow('closed');
    database = await ControlDatabase.open({ dataDir });
    expect(await new DatabaseTenantRecords(database).list()).toHaveLength(1);
  });

  it('refuses a newer migration', async () => {
    await database.close();
    const newer = new Database(join(dataDir, 'control.db'));
    newer
      .prepare('INSERT INTO migrations (timestamp, name) VALUES (?, ?)')
      .run(9_999_999_999_999, 'FromTheFuture9999999999999');
    newer.close();
    await expect(ControlDatabase.open({ dataDir })).rejects.toThrow(
      'the data directory was written by a newer version (migration FromTheFuture9999999999999; ' +
        'this build knows up to TenantsKeysClusters1767225600000)',
    );
  });
});

describe('DatabaseTenantRecords', () => {
  it('finds a tenant by name', async () => {
    const tenants = new DatabaseTenantRecords(database);
    const record = tenant('one');
    await tenants.create(record);
    expect(await tenants.find('one')).toEqual(record);
    expect(await tenants.find('two')).toBeUndefined();
  });

  it('refuses a name in use', async () => {
    const tenants = new DatabaseTenantRecords(database);
    await tenants.create(tenant('one'));
    await expect(tenants.create(tenant('one'))).rejects.toThrow(NameInUseError);
    expect(await tenants.list()).toHaveLength(1);
  });

  it('deletes a tenant with its keys, but not while it has clusters', async () => {
    const [tenants, keys] = [new DatabaseTenantRecords(database), new DatabaseKeyRecords(database)];
    const clusters = new DatabaseClusterRecords(database);
    const record = tenant('one');
    await tenants.create(record);
    const held = key(record.id, 'ci');
    await keys.create(held);
    const made = cluster(record.id, 'web');
    await clusters.insert(made);
    await expect(tenants.delete(record.id)).rejects.toThrow(TenantInUseError);
    await clusters.remove(made.id);
    expect(await tenants.delete(record.id)).toBe(true);
    expect(await tenants.delete(record.id)).toBe(false);
    expect(await keys.findByHash(held.hash)).toBeUndefined();
  });
});

describe('DatabaseKeyRecords', () => {
  it('keeps each tenant its own keys', async () => {
    const [tenants, keys] = [new DatabaseTenantRecords(database), new DatabaseKeyRecords(database)];
    const [one, two] = [tenant('one'), tenant('two')];
    for (const each of [one, two]) await tenants.create(each);
    const [first, second, other] = [key(one.id, 'b'), key(one.id, 'a'), key(two.id, 'a')];
    for (const each of [first, second, other]) await keys.create(each);
    expect(await keys.list(one.id)).toEqual([second, first]);
    expect(await keys.findByHash(other.hash)).toEqual(other);
    await expect(keys.create(key(one.id, 'a'))).rejects.toThrow(NameInUseError);
    expect(await keys.delete(two.id, first.id)).toBe(false);
    expect(await keys.delete(one.id, first.id)).toBe(true);
    expect(await keys.list(one.id)).toEqual([second]);
  });
});

describe('DatabaseClusterRecords', () => {
  it('lists all clusters, oldest first', async () => {
    const [tenants, clusters] = [new DatabaseTenantRecords(database), new DatabaseClusterRecords(database)];
    const [one, two] = [tenant('one'), tenant('two')];
    for (const each of [one, two]) await tenants.create(each);
    const records = [cluster(one.id, 'web', 3), cluster(two.id, 'web', 1), cluster(one.id, 'api', 2)];
    for (const each of records) await clusters.insert(each);
    await reopen();
    const again = new DatabaseClusterRecords(database);
    expect(await again.list()).toEqual([records[1], records[2], records[0]]);
    await expect(again.insert(cluster(one.id, 'web'))).rejects.toThrow(NameInUseError);
    expect(await again.remove(records[0]!.id)).toBe(true);
    expect(await again.remove(records[0]!.id)).toBe(false);
  });
});
