/** The wanted revision is older than the oldest that the store still holds. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super('etcdserver: mvcc: required revision has been compacted');
    this.compactedRevision = compactedRevision;
  }
}

/** The wanted revision has not been written yet. */
export class FutureRevisionError extends Error {
  override readonly name = 'FutureRevisionError';
  readonly revision: number;

  constructor(revision: number) {
    super('etcdserver: mvcc: required revision is a future revision');
    this.revision = revision;
  }
}

/** No such lease: it was never granted, was revoked, or has expired. */
export class LeaseNotFoundError extends Error {
  override readonly name = 'LeaseNotFoundError';

  constructor() {
    super('etcdserver: requested lease not found');
  }
}

/** A transaction may write a key only once. */
export class DuplicateKeyError extends Error {
  override readonly name = 'DuplicateKeyError';

  constructor() {
    super('etcdserver: duplicate key given in txn request');
  }
}

/** A transaction holds more operations or compares than etcd takes. */
export class TooManyOperationsError extends Error {
  override readonly name = 'TooManyOperationsError';

  constructor() {
    super('etcdserver: too many operations in txn request');
  }
}
