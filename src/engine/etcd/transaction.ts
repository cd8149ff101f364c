import type { KeyInterval, KeyRange } from './key-range.js';
import { includes, intervalOf, only } from './key-range.js';
import { DuplicateKeyError, TooManyOperationsError } from './errors.js';
import type { KeyValue, LeaseId } from './key-value.js';

/** etcd's default `--max-txn-ops`, which the API server keeps. */
export const TRANSACTION_OPERATIONS_MAX = 128;

export type NumberTarget = 'createRevision' | 'modRevision' | 'version' | 'lease';

/** A condition on one key. A key that does not exist counts as 0 in every number, and fails every compare of its value. */
export type Compare<V> =
  | {
      readonly key: string;
      readonly target: NumberTarget;
      readonly operator: '=' | '!=' | '<' | '>';
      readonly operand: number;
    }
  | { readonly key: string; readonly target: 'value'; readonly operator: '=' | '!='; readonly operand: V };

/** A put's value, or how to make it once its revision is known; called once, before anything is written. */
export type ValueSource<V> = V | ((revision: number) => V);

export interface PutOperation<V> {
  readonly type: 'put';
  readonly key: string;
  readonly value: ValueSource<V>;
  /** Without it the key is bound to no lease, whatever it was bound to before. */
  readonly leaseId?: LeaseId;
}

export type Operation<V> =
  | PutOperation<V>
  | { readonly type: 'delete'; readonly key: string }
  | { readonly type: 'delete'; readonly range: KeyRange }
  | { readonly type: 'get'; readonly key: string };

export interface Transaction<V> {
  /** All must hold for `success` to run; none is none to fail. */
  readonly compare: readonly Compare<V>[];
  readonly success: readonly Operation<V>[];
  readonly failure?: readonly Operation<V>[];
}

export type OperationResult<V> =
  | { readonly type: 'put'; readonly kv: KeyValue<V>; readonly previous: KeyValue<V> | undefined }
  | { readonly type: 'delete'; readonly previous: readonly KeyValue<V>[] }
  | { readonly type: 'get'; readonly kv: KeyValue<V> | undefined };

export interface TransactionResult<V> {
  /** Whether all compares held. */
  readonly succeeded: boolean;
  /** The store's revision after the transaction; unchanged when it wrote nothing. */
  readonly revision: number;
  /** One for each operation that ran, in order. */
  readonly results: readonly OperationResult<V>[];
}

/** Whether one condition holds for what its key holds now. */
export function holds<V>(
  compare: Compare<V>,
  current: KeyValue<V> | undefined,
  equals: (a: V, b: V) => boolean,
): boolean {
  if (compare.target === 'value') {
    if (current === undefined) return false;
    return equals(current.value, compare.operand) === (compare.operator === '=');
  }
  const actual = numberOf(compare.target, current);
  switch (compare.operator) {
    case '=':
      return actual === compare.operand;
    case '!=':
      return actual !== compare.operand;
    case '<':
      return actual < compare.operand;
    case '>':
      return actual > compare.operand;
  }
}

/** @throws DuplicateKeyError when two operations of one branch could write the same key, as etcd checks it.
 *  @throws TooManyOperationsError when a list is longer than `TRANSACTION_OPERATIONS_MAX`. */
export function checkTransaction<V>({ compare, success, failure = [] }: Transaction<V>): void {
  for (const list of [compare, success, failure]) {
    if (list.length > TRANSACTION_OPERATIONS_MAX) throw new TooManyOperationsError();
  }
  checkWrites(success);
  checkWrites(failure);
}

function checkWrites<V>(operations: readonly Operation<V>[]): void {
  if (operations.length < 2) return;
  const puts = new Set<string>();
  const deletes: KeyInterval[] = [];
  for (const operation of operations) {
    if (operation.type === 'put') {
      if (puts.has(operation.key)) throw new DuplicateKeyError();
      puts.add(operation.key);
    } else if (operation.type === 'delete') {
      deletes.push('range' in operation ? intervalOf(operation.range) : only(operation.key));
    }
  }
  for (const interval of deletes) {
    for (const key of puts) if (includes(interval, key)) throw new DuplicateKeyError();
  }
}

function numberOf<V>(target: NumberTarget, current: KeyValue<V> | undefined): number {
  if (current === undefined) return 0;
  return target === 'lease' ? (current.leaseId ?? 0) : current[target];
}
