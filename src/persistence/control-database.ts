import { chmod, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { ApiKeyEntity } from './api-key.entity.js';
import { ClusterEntity } from './cluster.entity.js';
import { migrate, MIGRATIONS } from './migrations.js';
import { TenantEntity } from './tenant.entity.js';

const CONTROL_FILE = 'control.db';
/** Pieces of work that wait for their turn. */
const WAITING_MAX = 10_000;

/** What `prepareDatabase` is given: a better-sqlite3 connection. */
interface Connection {
  pragma(text: string): unknown;
}

/**
 * The tenants, keys and clusters, in `<dataDir>/control.db`. TypeORM shares one connection among all who ask, so that
 * two transactions at a time would end up in one another: all work, reading too, goes through one first-in-first-out queue.
 */
export class ControlDatabase {
  readonly #source: DataSource;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closing: Promise<void> | undefined;

  private constructor(source: DataSource) {
    this.#source = source;
  }

  /** Opens, creates and migrates. @throws ControlDatabaseError when a newer version has written it. */
  static async open({ dataDir }: { readonly dataDir: string }): Promise<ControlDatabase> {
    const database = join(dataDir, CONTROL_FILE);
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    // SQLite gives the files beside a database the permissions of the database.
    await (await open(database, 'a', 0o600)).close();
    await chmod(database, 0o600);
    const source = new DataSource({
      type: 'better-sqlite3',
      database,
      entities: [TenantEntity, ApiKeyEntity, ClusterEntity],
      migrations: [...MIGRATIONS],
      prepareDatabase: (connection: Connection) => {
        connection.pragma('journal_mode = WAL');
        connection.pragma('synchronous = FULL');
      },
    });
    await source.initialize();
    try {
      await migrate(source);
    } catch (error) {
      await source.destroy();
      throw error;
    }
    return new ControlDatabase(source);
  }

  /** Runs `work` in a transaction of its own when all earlier work has ended; durable when this resolves, undone when it rejects. */
  write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#source.transaction(work));
  }

  /** Runs `work`, which must not write, when all earlier work has ended. */
  read<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.#inTurn(() => work(this.#source.manager));
  }

  /** Ends when all work that was asked for has. Closing twice does nothing. */
  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#source.destroy());
    return this.#closing;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new Error('the control database is closed'));
    if (this.#waiting >= WAITING_MAX) return Promise.reject(new Error('too much work waits for the control database'));
    this.#waiting++;
    const turn = this.#last.then(run).finally(() => this.#waiting--);
    // Whoever comes next waits for the end, not for the success.
    this.#last = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }
}
