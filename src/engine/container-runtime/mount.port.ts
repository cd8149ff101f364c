import type { Instant } from '../kernel/clock.js';

export interface MountedFile {
  /** Permission bits. */
  readonly mode: number;
  /** Made when it is asked for, as it is to be then; `undefined` while it cannot be made. */
  content(): Uint8Array | undefined;
}

/** A volume in a container, read-only, whose files lie behind links so that all of them change at once, as kubelets write them. */
export interface Mount {
  /** Absolute and resolved. */
  readonly path: string;
  /** The directory with the files themselves, such as `..2026_01_02_03_04_05.123456789`. */
  readonly version: string;
  readonly writtenAt: Instant;
  /** What there is to read, by paths below the mount's; asked for at every look. */
  files(): ReadonlyMap<string, MountedFile>;
}
