/**
 * What survives on one node when all its processes end. Paths are relative to the node, such as `containers/<id>`;
 * values are plain data. A write is durable before anything that was said after it.
 */
export interface NodeDisk {
  put(path: string, value: object): void;
  delete(path: string): void;
  /** All entries below a directory such as `containers/`, as the caller, who alone writes there, once put them. */
  entries<T extends object>(directory: string): Iterable<readonly [path: string, value: T]>;
}
