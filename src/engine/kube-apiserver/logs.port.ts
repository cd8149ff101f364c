import type { Instant } from '../kernel/clock.js';

export interface LogLine {
  readonly at: Instant;
  /** Without a line break. */
  readonly text: string;
}

export interface LogReadOptions {
  /** The logs of the container that ran before the present one. */
  readonly previous: boolean;
  /** Only lines at or after this instant. */
  readonly since?: Instant;
  /** Only the last lines. */
  readonly tailLines?: number;
}

export interface LogRead {
  readonly lines: readonly LogLine[];
  /** Whether the container may still write. */
  readonly isOpen: boolean;
}

export interface LogFollower {
  line(line: LogLine): void;
  /** The container ended, or its node did. */
  end(): void;
}

/** Where containers' logs come from: the kubelets. A missing container or log is a StatusError with the kubelet's words. */
export interface LogSource {
  read(namespace: string, pod: string, container: string, options: LogReadOptions): LogRead;
  /** Calls `follower` for every line written from now on. */
  follow(namespace: string, pod: string, container: string, follower: LogFollower): { cancel(): void };
}
