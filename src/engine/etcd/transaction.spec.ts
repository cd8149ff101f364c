import fc from 'fast-check';
import { DuplicateKeyError, LeaseNotFoundError } from './errors.js';
import { Store } from './store.js';
import type { Operation, Transaction } from './transaction.js';

describe('Store.transact', () => {
  const guard = (compare: Transaction<number>['compare']): boolean =>
    storeWithTwo().transact({ compare, success: [] }).succeeded;

  /** `a`: made at 2, changed at 3, worth 11. */
  function storeWithTwo(): Store<number> {
    const store = new Store<number>();
    store.put('a', 10);
    store.put('a', 11);
    return store;
  }

  it('compares revisions, versions, leases and values', () => {
    expect(guard([{ key: 'a', target: 'createRevision', operator: '=', operand: 2 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'modRevision', operator: '>', operand: 2 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'modRevision', operator: '<', operand: 3 }])).toBe(false);
    expect(guard([{ key: 'a', target: 'version', operator: '!=', operand: 2 }])).toBe(false);
    expect(guard([{ key: 'a', target: 'lease', operator: '=', operand: 0 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'value', operator: '=', operand: 11 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'value', operator: '!=', operand: 11 }])).toBe(false);
  });

  it('counts a missing key as 0, and as no value at all', () => {
    expect(guard([{ key: 'b', target: 'modRevision', operator: '=', operand: 0 }])).toBe(true);
    expect(guard([{ key: 'b', target: 'version', operator: '<', operand: 1 }])).toBe(true);
    expect(guard([{ key: 'b', target: 'value', operator: '!=', operand: 11 }])).toBe(false);
  });

  it('needs all compares to hold', () => {
    const compare = [2, 9].map((operand) => ({
      key: 'a',
      target: 'createRevision' as const,
      operator: '=' as const,
      operand,
    }));
    expect(guard(compare)).toBe(false);
  });

  it('runs one branch as one revision and answers each operation', () => {
    const store = storeWithTwo();
    const result = store.transact({
      compare: [{ key: 'a', target: 'version', operator: '=', operand: 2 }],
      success: [
        { type: 'put', key: 'b', value: 20 },
        { type: 'get', key: 'b' },
        { type: 'delete', key: 'a' },
        { type: 'get', key: 'a' },
      ],
      failure: [{ type: 'put', key: 'never', value: 0 }],
    });
    const b = { key: 'b', value: 20, createRevision: 4, modRevision: 4, version: 1 };
    const a = { key: 'a', value: 11, createRevision: 2, modRevision: 3, version: 2 };
    expect(result).toEqual({
      succeeded: true,
      revision: 4,
      results: [
        { type: 'put', kv: b, previous: undefined },
        { type: 'get', kv: b },
        { type: 'delete', previous: [a] },
        { type: 'get', kv: undefined },
      ],
    });
    expect(store.revision).toBe(4);
  });

  it('takes no revision for a branch that writes nothing', () => {
    const store = storeWithTwo();
    const { succeeded, revision, results } = store.transact({
      compare: [{ key: 'a', target: 'modRevision', operator: '=', operand: 2 }],
      success: [{ type: 'put', key: 'a', value: 12 }],
      failure: [
        { type: 'get', key: 'a' },
        { type: 'delete', key: 'b' },
      ],
    });
    expect([succeeded, revision, store.revision]).toEqual([false, 3, 3]);
    expect(results[0]).toMatchObject({ type: 'get', kv: { value: 11 } });
  });

  it('refuses to write a key twice', () => {
    const store = storeWithTwo();
    const put: Operation<number> = { type: 'put', key: 'a', value: 1 };
    expect(() => store.transact({ compare: [], success: [put, put] })).toThrow(DuplicateKeyError);
    expect(() => store.transact({ compare: [], success: [put, { type: 'delete', range: { prefix: '' } }] })).toThrow(
      'etcdserver: duplicate key given in txn request',
    );
    expect(() => store.transact({ compare: [], success: [], failure: [put, { type: 'delete', key: 'a' }] })).toThrow(
      DuplicateKeyError,
    );
  });

  it('refuses too many operations', () => {
    const success = Array.from({ length: 129 }, (_, index) => ({ type: 'get' as const, key: `k${index}` }));
    expect(() => storeWithTwo().transact({ compare: [], success })).toThrow(
      'etcdserver: too many operations in txn request',
    );
  });
});

describe('Store.replace', () => {
  it('does what a transaction of one compare and one put does', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b'), value: fc.nat(3), expectedRevision: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const [lone, whole] = [new Store<number>(), new Store<number>()];
        for (const { key, value, expectedRevision } of steps) {
          const kv = lone.replace(key, value, { expectedRevision });
          const compare = [{ key, target: 'modRevision', operator: '=', operand: expectedRevision } as const];
          const { succeeded, results } = whole.transact({ compare, success: [{ type: 'put', key, value }] });
          expect(kv).toEqual(succeeded ? (results[0] as { readonly kv: unknown }).kv : undefined);
          expect(lone.range({ prefix: '' })).toEqual(whole.range({ prefix: '' }));
        }
      }),
    );
  });

  it('binds to a lease, and refuses one that is not there', () => {
    const store = new Store<number>();
    const missing = { expectedRevision: 0, leaseId: 7 };
    expect(() => store.replace('a', 1, missing)).toThrow(LeaseNotFoundError);
    expect(store.revision).toBe(1);
  });
});
