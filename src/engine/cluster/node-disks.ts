import type { NodeDisk } from '../container-runtime/node-disk.port.js';
import type { TextCodec } from '../machinery/text-codec.port.js';

const PREFIX = '/nodes/';

/** Receives every change of a disk: its key `/nodes/<node>/<path>`, and the encoded value or nothing. */
export type DiskChange = (key: string, value: Uint8Array | undefined) => void;

/** The disks of all nodes of a cluster: what is not in etcd and still outlives every process. */
export class NodeDisks {
  readonly #disks = new Map<string, Map<string, object>>();
  readonly #text: TextCodec;
  readonly #changed: DiskChange;

  constructor(text: TextCodec, changed: DiskChange) {
    this.#text = text;
    this.#changed = changed;
  }

  static owns(key: string): boolean {
    return key.startsWith(PREFIX);
  }

  disk(nodeName: string): NodeDisk {
    const files = this.#filesOf(nodeName);
    return {
      put: (path, value) => {
        if (this.#disks.get(nodeName) !== files) return;
        files.set(path, value);
        this.#changed(`${PREFIX}${nodeName}/${path}`, this.#text.encode(JSON.stringify(value)));
      },
      delete: (path) => {
        if (files.delete(path) && this.#disks.get(nodeName) === files)
          this.#changed(`${PREFIX}${nodeName}/${path}`, undefined);
      },
      entries: <T extends object>(directory: string) => inOrder<T>(files, directory),
    };
  }

  /** The machine is gone, and its disk with it: what still writes there writes nowhere. */
  discard(nodeName: string): void {
    for (const path of this.#disks.get(nodeName)?.keys() ?? []) {
      this.#changed(`${PREFIX}${nodeName}/${path}`, undefined);
    }
    this.#disks.delete(nodeName);
  }

  get nodeNames(): readonly string[] {
    return Array.from(this.#disks.keys());
  }

  /** Puts back what an earlier process had written. */
  restore(key: string, value: Uint8Array): void {
    const slash = key.indexOf('/', PREFIX.length);
    const nodeName = key.slice(PREFIX.length, slash);
    const stored = JSON.parse(this.#text.decode(value)) as object;
    this.#filesOf(nodeName).set(key.slice(slash + 1), stored);
  }

  /** Every file of every disk as it is now, encoded one by one as they are read: a file is replaced, never changed. */
  all(): Iterable<readonly [key: string, value: Uint8Array]> {
    return this.#encoded(Array.from(this.#disks, ([nodeName, files]) => [nodeName, Array.from(files)] as const));
  }

  *#encoded(
    disks: Iterable<readonly [nodeName: string, files: Iterable<readonly [path: string, value: object]>]>,
  ): Iterable<readonly [key: string, value: Uint8Array]> {
    for (const [nodeName, files] of disks) {
      for (const [path, value] of files) {
        yield [`${PREFIX}${nodeName}/${path}`, this.#text.encode(JSON.stringify(value))];
      }
    }
  }

  #filesOf(nodeName: string): Map<string, object> {
    const known = this.#disks.get(nodeName);
    if (known !== undefined) return known;
    const files = new Map<string, object>();
    this.#disks.set(nodeName, files);
    return files;
  }
}

/** A disk is read as a whole when its node starts, and otherwise not. */
function inOrder<T extends object>(files: Map<string, object>, directory: string): (readonly [string, T])[] {
  return Array.from(files.entries())
    .filter(([path]) => path.startsWith(directory))
    .sort(([a], [b]) => (a < b ? -1 : 1)) as [string, T][];
}
