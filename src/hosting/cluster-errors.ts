import type { SettingProblem } from '../engine/cluster/setting-problems.js';
import { notFound, serviceUnavailable, StatusError, tooManyRequests } from '../engine/machinery/status-error.js';
import type { ClusterIdentity } from './cluster-settings.js';

/** The cluster is not there any more. */
export class ClusterGoneError extends Error {
  override readonly name = 'ClusterGoneError';
  readonly clusterName: string;

  constructor({ settings }: ClusterIdentity) {
    super(`cluster "${settings.name}" is gone`);
    this.clusterName = settings.name;
  }
}

/** The cluster is there and runs no more: after a bug in it, or a failed write, or because the server stops. */
export class ClusterStoppedError extends Error {
  override readonly name = 'ClusterStoppedError';

  constructor({ settings }: ClusterIdentity) {
    super(`cluster "${settings.name}" has stopped`);
  }
}

/** More inputs wait for the cluster than it will remember. */
export class TooManyWaitingError extends Error {
  override readonly name = 'TooManyWaitingError';

  constructor() {
    super('too many requests wait for this cluster, please try again later');
  }
}

/** Only a paused clock is advanced by hand. */
export class ClockNotPausedError extends Error {
  override readonly name = 'ClockNotPausedError';

  constructor() {
    super('the clock is not paused');
  }
}

/** What a client of the cluster is told. */
export function statusOf(error: Error): StatusError {
  if (error instanceof StatusError) return error;
  if (error instanceof ClusterGoneError) return notFound({ group: '', resource: 'clusters' }, error.clusterName);
  if (error instanceof TooManyWaitingError) return tooManyRequests(error.message, 1);
  return serviceUnavailable(error.message);
}

/** A cluster was asked for that cannot be. */
export class InvalidSettingsError extends Error {
  override readonly name = 'InvalidSettingsError';
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(({ message }) => message).join('; '));
    this.problems = problems;
  }
}
