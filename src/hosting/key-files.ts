import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;

/**
 * Secrets of clusters, in a directory for each cluster, readable by the owner only. Synchronous:
 * they are small, wanted in the middle of a request, and read once.
 */
export class KeyFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(clusterId: string, name: string): string | undefined {
    try {
      return readFileSync(join(this.#directory, clusterId, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whole or not at all, and on the disk when it returns. */
  write(clusterId: string, name: string, text: string): void {
    const folder = join(this.#directory, clusterId);
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    const temporary = join(folder, `${name}.new`);
    writeFileSync(temporary, text, { mode: OWNER_ONLY_FILE, flush: true });
    renameSync(temporary, join(folder, name));
  }

  /** All of a cluster that is no more. */
  remove(clusterId: string): void {
    rmSync(join(this.#directory, clusterId), { recursive: true, force: true });
  }
}
