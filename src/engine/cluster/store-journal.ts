import type { CommitSink, LeaseChange } from '../etcd/commit-log.port.js';
import type { KeyValue } from '../etcd/key-value.js';
import type { Lease } from '../etcd/leases.js';
import type { StoreSnapshot } from '../etcd/store-contract.js';
import type { WatchEvent } from '../etcd/watch-event.js';
import type { CommonContent } from '../kube-apiserver/storage/common-content.js';
import { ParsedObject } from '../kube-apiserver/storage/parsed-object.js';
import type { StoredObject } from '../kube-apiserver/storage/stored-object.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { ClusterPorts, CommitRecord } from './cluster.js';

/** Leases are part of etcd's state but no keys of it; in the journal they stand beside the keys. */
const LEASE_PREFIX = '/leases/';

/** Turns what the store commits into records for hosting, and such records back into the store's content. */
export class StoreJournal implements CommitSink<StoredObject> {
  readonly #ports: ClusterPorts;
  #revision = 1;

  constructor(ports: ClusterPorts) {
    this.#ports = ports;
  }

  onCommit(events: readonly WatchEvent<StoredObject>[], revision: number): void {
    this.#revision = revision;
    for (const event of events) {
      if (event.type === 'put') this.#ports.commit(recordOf(event.kv, revision));
      else this.#ports.commit({ revision, key: event.key, value: undefined, createRevision: 0, version: 0 });
    }
  }

  onLease(change: LeaseChange): void {
    const id = change.type === 'ended' ? change.id : change.lease.id;
    const value = change.type === 'ended' ? undefined : this.#ports.text.encode(JSON.stringify(change.lease));
    this.#ports.commit({ revision: this.#revision, key: `${LEASE_PREFIX}${id}`, value, createRevision: 0, version: 0 });
  }
}

const recordOf = (kv: KeyValue<StoredObject>, revision: number): CommitRecord => ({
  revision,
  key: kv.key,
  value: kv.value.bytes,
  createRevision: kv.createRevision,
  version: kv.version,
  ...(kv.leaseId === undefined ? {} : { leaseId: kv.leaseId }),
});

/** The records of everything that a snapshot holds, made one by one as they are read. */
export function* storeRecords(
  { items, leases = [] }: StoreSnapshot<StoredObject>,
  text: TextCodec,
): Iterable<CommitRecord> {
  for (const each of leases) {
    const value = text.encode(JSON.stringify(each));
    yield { revision: 0, key: `${LEASE_PREFIX}${each.id}`, value, createRevision: 0, version: 0 };
  }
  for (const kv of items) yield recordOf(kv, kv.modRevision);
}

export const isLeaseKey = (key: string): boolean => key.startsWith(LEASE_PREFIX);

export const restoredLease = (value: Uint8Array, text: TextCodec): Lease => JSON.parse(text.decode(value)) as Lease;

export const restoredKey = (
  record: CommitRecord,
  value: Uint8Array,
  { text, common }: { readonly text: TextCodec; readonly common: CommonContent },
): KeyValue<StoredObject> => ({
  key: record.key,
  value: common.restored(record.key, value) ?? new ParsedObject(value, text),
  createRevision: record.createRevision,
  modRevision: record.revision,
  version: record.version,
  ...(record.leaseId === undefined ? {} : { leaseId: record.leaseId }),
});
