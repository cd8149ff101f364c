import type { CommitLog, RecoveredLog } from '../hosting/commit-log.port.js';
import { CommitLogFailedError } from '../hosting/commit-log.port.js';

/** For clusters whose durability is `ephemeral`: acknowledges at once and keeps nothing. */
export class MemoryCommitLog implements CommitLog {
  #isClosed = false;

  append(): Promise<void> {
    return this.#acknowledge();
  }

  stageCheckpoint(): Promise<void> {
    return this.#acknowledge();
  }

  saveCheckpoint(): Promise<void> {
    return this.#acknowledge();
  }

  async load(): Promise<RecoveredLog> {
    await this.#acknowledge();
    return { batches: [] };
  }

  forget(): Promise<void> {
    return this.#acknowledge();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #acknowledge(): Promise<void> {
    return this.#isClosed ? Promise.reject(new CommitLogFailedError('the commit log is closed')) : Promise.resolve();
  }
}
