import { decodeBase64Url, encodeBase64Url } from '../../machinery/base64.js';
import type { Mount } from '../mount.port.js';
import type { NodeDisk } from '../node-disk.port.js';
import { mountedEntry, mountedNames } from './mounted-files.js';
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

export type FileFault =
  | 'No such file or directory'
  | 'Not a directory'
  | 'Is a directory'
  | 'No space left on device'
  | 'Read-only file system'
  | 'Resource busy';

const EMPTY = new Uint8Array();

/**
 * The files of one container: the image's directories, which all containers have alike, and what was written since, which
 * lies on the node's disk below `files/<container>/`. Paths are absolute and resolved. Of its volumes, those are seen that are
 * mounted here; they are read-only, and what others hold is what was written at their paths, for this container alone.
 */
export class FileTree {
  readonly #disk: NodeDisk;
  readonly #root: string;
  readonly #written = new Map<string, FileEntry>();
  /** The names in each directory. */
  readonly #names = new Map<string, Set<string>>();
  /** Where something is mounted, and the directories above. */
  readonly #mountPoints = new Set<string>();
  #mounts: readonly Mount[] = [];
  #bytes = 0;

  constructor(disk: NodeDisk, containerId: string) {
    this.#disk = disk;
    this.#root = `files/${containerId}`;
    for (const path of IMAGE_DIRECTORIES) this.#name(path);
  }

  /** What is mounted in the container, instead of what was told before. */
  mount(mounts: readonly Mount[]): void {
    this.#mounts = mounts;
    for (const { path } of mounts) {
      for (let each = path; each !== '/'; each = parentOf(each)) {
        this.#mountPoints.add(each);
        this.#name(each);
      }
    }
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
    const mount = this.#mountAt(path);
    if (mount !== undefined) return mountedEntry(mount, path);
    const written = this.#written.get(path);
    if (written !== undefined) return written;
    if (path !== '/' && !IMAGE_DIRECTORIES.includes(path) && !this.#mountPoints.has(path)) return undefined;
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
    const mount = this.#mountAt(directory);
    if (mount !== undefined) return mountedNames(mount, directory);
    return Array.from(this.#names.get(directory) ?? []).sort();
  }

  /** Why it cannot be written, if it cannot. */
  write(path: string, entry: FileEntry): FileFault | undefined {
    const old = this.get(path);
    const parent = this.follow(parentOf(path));
    if (parent === undefined) return 'No such file or directory';
    if (parent.type !== 'directory') return 'Not a directory';
    if (this.#mountAt(path) !== undefined) return 'Read-only file system';
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

  /** Removes a file, or a directory with all that is in it. Why it cannot, if it cannot. */
  remove(path: string): FileFault | undefined {
    const mount = this.#mountAt(path);
    if (mount !== undefined && mount.path !== path) return 'Read-only file system';
    if (this.#mountPoints.has(path)) return 'Resource busy';
    this.#drop(path);
    return undefined;
  }

  /** Removes all that was written. */
  clear(): void {
    this.#drop('');
  }

  #drop(path: string): void {
    for (const each of Array.from(this.#written.keys())) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      this.#bytes -= this.#written.get(each)?.content.length ?? 0;
      this.#written.delete(each);
      this.#names.get(parentOf(each))?.delete(nameOf(each));
      this.#disk.delete(this.#root + each);
    }
  }

  #mountAt(path: string): Mount | undefined {
    let found: Mount | undefined;
    for (const mount of this.#mounts) {
      const isAt = path === mount.path || path.startsWith(`${mount.path}/`);
      if (isAt && mount.path.length > (found?.path.length ?? 0)) found = mount;
    }
    return found;
  }

  #name(path: string): void {
    const parent = parentOf(path);
    const names = this.#names.get(parent) ?? new Set<string>();
    names.add(nameOf(path));
    this.#names.set(parent, names);
  }
}
