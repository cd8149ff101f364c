import Database from 'better-sqlite3';

/** The schema that this build writes and reads. */
export const LOG_SCHEMA_VERSION = 2;

/** How long another process may hold the file before this one gives up, in milliseconds. */
const LOCK_WAIT_MAX_MS = 2_000;

/** With row ids: clustered by their key, the rows of many clusters are written at two thirds of the speed. */
const BATCHES_AND_CHECKPOINTS = `
  CREATE TABLE batch (
    cluster_id TEXT NOT NULL,
    rev_from INTEGER NOT NULL,
    rev_to INTEGER NOT NULL,
    instant REAL NOT NULL,
    checksum INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (cluster_id, rev_from)
  ) STRICT;
  CREATE TABLE checkpoint (
    cluster_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    instant REAL NOT NULL,
    checksum INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (cluster_id, revision)
  ) STRICT;
`;

/** A checkpoint's content in rows of their own; one without parts has it in its own row, as all had in version 1. */
const CHECKPOINT_PARTS = `
  ALTER TABLE checkpoint ADD COLUMN parts INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE checkpoint_part (
    cluster_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    part INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (cluster_id, revision, part)
  ) STRICT;
`;

/** What leads from each version to the next, the first from an empty file. */
const STEPS: readonly string[] = [BATCHES_AND_CHECKPOINTS, CHECKPOINT_PARTS];

/** The data directory's log cannot be used by this process; the message says why, for whoever started it. */
export class LogDatabaseError extends Error {
  override readonly name = 'LogDatabaseError';
}

/**
 * Opens or creates the log for one writer: the lock is exclusive, and a commit returns when it is on the disk.
 * @throws LogDatabaseError when the schema is newer, or another process has the file.
 */
export function openLogDatabase(path: string): Database.Database {
  const database = new Database(path, { timeout: LOCK_WAIT_MAX_MS });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    // Takes the lock now, not at the first append.
    database.transaction(() => migrate(database)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw isBusy(error) ? new LogDatabaseError(`${path} is in use by another process`) : error;
  }
}

function migrate(database: Database.Database): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > LOG_SCHEMA_VERSION) {
    throw new LogDatabaseError(
      `the data directory was written by a newer version (schema ${version}; this build knows ${LOG_SCHEMA_VERSION})`,
    );
  }
  if (version === LOG_SCHEMA_VERSION) return;
  for (const step of STEPS.slice(version)) database.exec(step);
  database.pragma(`user_version = ${LOG_SCHEMA_VERSION}`);
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
