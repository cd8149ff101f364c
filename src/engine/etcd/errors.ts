/** Why a store refuses, in etcd's words. Where nobody expects it, an API client reads them as they are. */
export class EtcdError extends Error {
  override readonly name: string = 'EtcdError';
}

/** The wanted revision is older than the oldest that the store still holds. */
export class CompactedError extends EtcdError {
  override readonly name: string = 'CompactedError';
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super('etcdserver: mvcc: required revision has been compacted');
    this.compactedRevision = compactedRevision;
  }
}

/** The wanted revision has not been written yet. */
export class FutureRevisionError extends EtcdError {
  override readonly name: string = 'FutureRevisionError';
  readonly revision: number;

  constructor(revision: number) {
    super('etcdserver: mvcc: required revision is a future revision');
    this.revision = revision;
  }
}

/** No such lease: it was never granted, was revoked, or has expired. */
export class LeaseNotFoundError extends EtcdError {
  override readonly name: string = 'LeaseNotFoundError';

  constructor() {
    super('etcdserver: requested lease not found');
  }
}

/** A transaction may write a key only once. */
export class DuplicateKeyError extends EtcdError {
  override readonly name: string = 'DuplicateKeyError';

  constructor() {
    super('etcdserver: duplicate key given in txn request');
  }
}

/** A transaction holds more operations or compares than etcd takes. */
export class TooManyOperationsError extends EtcdError {
  override readonly name: string = 'TooManyOperationsError';

  constructor() {
    super('etcdserver: too many operations in txn request');
  }
}

/** A transaction of more bytes than a member takes. */
export class RequestTooLargeError extends EtcdError {
  override readonly name: string = 'RequestTooLargeError';

  constructor(message = 'etcdserver: request is too large') {
    super(message);
  }
}

/** One that not even the client before it sends. */
export class SendTooLargeError extends RequestTooLargeError {
  override readonly name: string = 'SendTooLargeError';

  constructor(bytes: number, bytesMax: number) {
    super(
      `rpc error: code = ResourceExhausted desc = trying to send message larger than max (${bytes} vs. ${bytesMax})`,
    );
  }
}

/** The database is as large as its quota allows: it can only shrink. */
export class NoSpaceError extends EtcdError {
  override readonly name: string = 'NoSpaceError';

  constructor() {
    super('etcdserver: mvcc: database space exceeded');
  }
}
