import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY_DIRECTORY = 0o700;
const OWNER_ONLY_FILE = 0o600;

/**
 * Secrets of clusters, in a directory for each cluster, readable by the owner only. Synchronous, but for those of a cluster
 * that is being made: they are small, wanted in the middle of a request, and read once.
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

  /** The same for several, by name; they are on the disk when it resolves. */
  async writeAll(clusterId: string, texts: Readonly<Record<string, string>>): Promise<void> {
    const folder = join(this.#directory, clusterId);
    await mkdir(folder, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
    const write = async ([name, text]: readonly [string, string]): Promise<void> => {
      const temporary = join(folder, `${name}.new`);
      await writeFile(temporary, text, { mode: OWNER_ONLY_FILE, flush: true });
      await rename(temporary, join(folder, name));
    };
    await Promise.all(Object.entries(texts).map(write));
  }

  /** All of a cluster that is no more. */
  remove(clusterId: string): void {
    rmSync(join(this.#directory, clusterId), { recursive: true, force: true });
  }
}
