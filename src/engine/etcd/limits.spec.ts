import { Store } from './store.js';

const MIB = 1_024 * 1_024;

/** Values that say how many bytes they weigh. */
const storeWith = (quotaBytes?: number): Store<number> =>
  new Store<number>({
    sizeOf: (value) => value,
    limits: { quotaBytes, sizeOf: (value) => value, requestSizeOf: (value) => value },
  });

const put = (store: Store<number>, key: string, value: number) =>
  store.transact({ compare: [], success: [{ type: 'put', key, value }] });
const remove = (store: Store<number>, key: string) =>
  store.transact({ compare: [], success: [{ type: 'delete', key }] });

describe("a store's limits", () => {
  it('refuse a request above 1.5 MiB, and the sending of one above 2 MiB', () => {
    const store = storeWith();
    put(store, 'a', 1.4 * MIB);
    expect(() => put(store, 'b', 1.6 * MIB)).toThrow('etcdserver: request is too large');
    expect(() => put(store, 'b', 2 * MIB)).toThrow(
      'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2097219 vs. 2097152)',
    );
    expect(store.revision).toBe(2);
  });

  it('count all puts of a transaction', () => {
    const success = ['a', 'b'].map((key) => ({ type: 'put' as const, key, value: 0.8 * MIB }));
    expect(() => storeWith().transact({ compare: [], success })).toThrow('etcdserver: request is too large');
  });

  it('let a full database shrink only, until deletions and compaction have made room', () => {
    const store = storeWith(1_000);
    put(store, 'a', 600);
    expect(() => put(store, 'b', 600)).toThrow('etcdserver: mvcc: database space exceeded');
    remove(store, 'a');
    expect(() => put(store, 'b', 600)).toThrow('etcdserver: mvcc: database space exceeded');
    put(store, 'c', 1);
    store.compact(store.revision);
    expect(put(store, 'b', 600).succeeded).toBe(true);
  });

  it('count what a restored store holds', () => {
    const store = storeWith(1_000);
    put(store, 'a', 600);
    const restored = Store.restore(store.snapshot(), {
      limits: { quotaBytes: 1_000, sizeOf: (value) => value, requestSizeOf: (value) => value },
    });
    expect(() => put(restored, 'b', 600)).toThrow('etcdserver: mvcc: database space exceeded');
  });
});
