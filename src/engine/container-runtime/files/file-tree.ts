import { decodeBase64Url, encodeBase64Url } from '../../machinery/base64.js';
import type { NodeDisk } from '../node-disk.port.js';
import { nameOf, parentOf, resolvePath } from './path.js';

/** What the files of one container may hold together, and how many there may be. */
export const TREE_BYTES_MAX = 16 * 1_024 * 1_024;
const TREE_ENTRIES_MAX = 20_000;
const DIRECTORY_MODE = 0o755;
const IMAGE_DIRECTORIES: readonly string[] = [
  '/bin',
  '/dev',
  '/etc',
  '/home',
  '/proc',
  '/root',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/bin',
  '/var',
  '/var/log',
];

export interface FileEntry {
  readonly type: 'file' | 'directory' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly modified: number;
  /** Empty for what is no file. */
  readonly content: Uint8Array;
  /** Of a link. */
  readonly target?: string;
}

interface StoredEntry extends Omit<FileEntry, 'content'> {
  readonly content: string;
}

export type FileFault = 'No such file or directory' | 'Not a directory' | 'Is a directory' | 'No space left on device';

const EMPTY = new Uint8Array();

/**
 * The files of one container: the image's directories, which all containers have alike, and what was written since, which
 * lies on the node's disk below `files/<container>/`. Paths are absolute and resolved.
 */
export class FileTree {
  readonly #disk: NodeDisk;
  readonly #root: string;
  readonly #written = new Map<string, FileEntry>();
  /** The names in each directory. */
  readonly #names = new Map<string, Set<string>>();
  #bytes = 0;

  constructor(disk: NodeDisk, containerId: string) {
    this.#disk = disk;
    this.#root = `files/${containerId}`;
    for (const path of IMAGE_DIRECTORIES) this.#name(path);
  }

  /** What an earlier process wrote. */
  restore(path: string, stored: object): void {
    const { content, ...entry } = stored as StoredEntry;
    const bytes = decodeBase64Url(content).bytes ?? EMPTY;
    this.#written.set(path, { ...entry, content: bytes });
    this.#name(path);
    this.#bytes += bytes.length;
  }

  get(path: string): FileEntry | undefined {
    const written = this.#written.get(path);
    if (written !== undefined) return written;
    if (path !== '/' && !IMAGE_DIRECTORIES.includes(path)) return undefined;
    return { type: 'directory', mode: DIRECTORY_MODE, modified: 0, content: EMPTY };
  }

  /** The same, through links. */
  follow(path: string): FileEntry | undefined {
    const entry = this.get(path);
    if (entry?.type !== 'link') return entry;
    const target = this.get(resolvePath(parentOf(path), entry.target ?? ''));
    return target?.type === 'link' ? undefined : target;
  }

  /** The names in a directory, sorted. */
  list(directory: string): readonly string[] {
    return Array.from(this.#names.get(directory) ?? []).sort();
  }

  /** Why it cannot be written, if it cannot. */
  write(path: string, entry: FileEntry): FileFault | undefined {
    const old = this.get(path);
    const parent = this.follow(parentOf(path));
    if (parent === undefined) return 'No such file or directory';
    if (parent.type !== 'directory') return 'Not a directory';
    if (old?.type === 'directory' && entry.type !== 'directory') return 'Is a directory';
    const bytes = this.#bytes - (old?.content.length ?? 0) + entry.content.length;
    if (bytes > TREE_BYTES_MAX || this.#written.size >= TREE_ENTRIES_MAX) return 'No space left on device';
    this.#bytes = bytes;
    this.#written.set(path, entry);
    this.#name(path);
    const stored: StoredEntry = { ...entry, content: encodeBase64Url(entry.content) };
    this.#disk.put(this.#root + path, stored);
    return undefined;
  }

  /** Removes a file, or a directory with all that is in it. */
  remove(path: string): void {
    for (const each of Array.from(this.#written.keys())) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      this.#bytes -= this.#written.get(each)?.content.length ?? 0;
      this.#written.delete(each);
      this.#names.get(parentOf(each))?.delete(nameOf(each));
      this.#disk.delete(this.#root + each);
    }
  }
  #name(path: string): void {
    const parent = parentOf(path);
    const names = this.#names.get(parent) ?? new Set<string>();
    names.add(nameOf(path));
    this.#names.set(parent, names);
  }
}
