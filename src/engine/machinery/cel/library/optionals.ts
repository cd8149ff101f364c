import { BOOL, INT, listOf, mapOf, optionalOf, parameter, DYN } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { ListValue } from '../values/list-value.js';
import { MapValue } from '../values/map-value.js';
import { OptionalValue, Uint, type Value } from '../values/value.js';
import { ArrayList } from '../values/list-value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';

const V = parameter('V');
const K = parameter('K');
const OPTIONAL = optionalOf(V);

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof ListValue || value instanceof Uint8Array) return value.length === 0;
  return value instanceof MapValue && value.size === 0;
}

function contentOf({ content }: OptionalValue): Value {
  if (content === undefined) throw new CelError('optional.none() dereference');
  return content;
}

function itemOf(container: Value, key: Value): OptionalValue {
  if (container instanceof OptionalValue)
    return container.content === undefined ? container : itemOf(container.content, key);
  if (container instanceof MapValue) return new OptionalValue(container.get(key));
  if (!(container instanceof ListValue)) return OptionalValue.none;
  const position = key instanceof Uint ? Number(key.value) : Number(key);
  return position >= 0 && position < container.length ? new OptionalValue(container.at(position)) : OptionalValue.none;
}

type One = readonly [OptionalValue];
type Item = readonly [Value, Value];

/** `_[_]` of an optional is an optional. `or` and `orValue` evaluate both sides, as functions do. */
export const optionals: readonly FunctionDeclaration[] = [
  declare(
    'optional.of',
    overload<readonly [Value]>([V], OPTIONAL, ([value]) => new OptionalValue(value)),
  ),
  declare(
    'optional.ofNonZeroValue',
    overload<readonly [Value]>([V], OPTIONAL, ([value]) =>
      isZero(value) ? OptionalValue.none : new OptionalValue(value),
    ),
  ),
  declare(
    'optional.none',
    overload<readonly []>([], OPTIONAL, () => OptionalValue.none),
  ),
  declare(
    'value',
    member<One>([OPTIONAL], V, ([optional]) => contentOf(optional)),
  ),
  declare(
    'hasValue',
    member<One>([OPTIONAL], BOOL, ([{ content }]) => content !== undefined),
  ),
  declare(
    'or',
    member<readonly [OptionalValue, OptionalValue]>([OPTIONAL, OPTIONAL], OPTIONAL, ([one, other]) =>
      one.content === undefined ? other : one,
    ),
  ),
  declare(
    'orValue',
    member<readonly [OptionalValue, Value]>([OPTIONAL, V], V, ([{ content }, other]) => content ?? other),
  ),
  declare(
    'optional.unwrap',
    overload<readonly [ListValue]>([listOf(OPTIONAL)], listOf(V), ([list]) => unwrappedList(list)),
  ),
  declare(
    'unwrapOpt',
    member<readonly [ListValue]>([listOf(OPTIONAL)], listOf(V), ([list]) => unwrappedList(list)),
  ),
  declare(
    '_[?_]',
    overload<Item>([listOf(V), INT], OPTIONAL, ([list, index]) => itemOf(list, index)),
    overload<Item>([optionalOf(listOf(V)), INT], OPTIONAL, ([list, index]) => itemOf(list, index)),
    overload<Item>([mapOf(K, V), K], OPTIONAL, ([map, key]) => itemOf(map, key)),
    overload<Item>([optionalOf(mapOf(K, V)), K], OPTIONAL, ([map, key]) => itemOf(map, key)),
  ),
  declare(
    '_[_]',
    overload<Item>([listOf(V), INT], V, ([list, index]) => indexed(list as ListValue, index)),
    overload<Item>([mapOf(K, V), K], V, ([map, key]) => keyed(map as MapValue, key)),
    overload<Item>([optionalOf(listOf(V)), INT], OPTIONAL, ([list, index]) => itemOf(list, index)),
    overload<Item>([optionalOf(mapOf(K, V)), K], OPTIONAL, ([map, key]) => itemOf(map, key)),
    // What is known only when it runs: any whole number is a position.
    overload<Item>([listOf(V), DYN], V, ([list, index]) => indexed(list as ListValue, index)),
  ),
];

function unwrappedList(list: ListValue): ListValue {
  const items: Value[] = [];
  for (const item of list) if (item instanceof OptionalValue && item.content !== undefined) items.push(item.content);
  return new ArrayList(items);
}

function indexed(list: ListValue, index: Value): Value {
  const position = index instanceof Uint ? Number(index.value) : typeof index === 'boolean' ? NaN : Number(index);
  if (!Number.isInteger(position) || typeof index === 'string') throw new CelError('invalid_argument');
  if (position < 0 || position >= list.length) throw new CelError(`index out of bounds: ${position}`);
  return list.at(position);
}

function keyed(map: MapValue, key: Value): Value {
  const found = map.get(key);
  if (found === undefined) throw new CelError(`no such key: ${keyText(key)}`);
  return found;
}

const keyText = (key: Value): string => (key instanceof Uint ? String(key.value) : String(key));
