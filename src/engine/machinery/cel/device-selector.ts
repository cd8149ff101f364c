/** Expressions that choose devices: upstream's `dynamic-resource-allocation/cel`. */
import type { Device, DeviceAttribute } from '../api/resource-v1.js';
import type { Variables } from './checker.js';
import { estimateCost } from './cost-estimate.js';
import { QUANTITY, quantityFromText } from './library/quantities.js';
import { semverFromText } from './library/semvers.js';
import { objectType } from './object-type.js';
import { CALL_COST_MAX, compileProgram, type Program } from './program.js';
import { typeText, type Type } from './types.js';
import { utf8 } from './utf-8.js';
import { CelError, CostExceeded } from './values/cel-error.js';
import { runtimeType } from './values/kind-of.js';
import { EntryMap } from './values/map-value.js';
import type { Value } from './values/value.js';

const PROPERTIES_MAX = 32;
const DOMAIN_LENGTH_MAX = 63;
const NAME_LENGTH_MAX = 32;
const VALUE_LENGTH_MAX = 64;

const text = (sizeMax: number): Type => ({ kind: 'string', sizeMax });
const byName = (value: Type): Type => ({ kind: 'map', key: text(NAME_LENGTH_MAX), value, sizeMax: PROPERTIES_MAX });
const byDomain = (value: Type): Type => ({
  kind: 'map',
  key: text(DOMAIN_LENGTH_MAX),
  value: byName(value),
  sizeMax: PROPERTIES_MAX,
});

const VARIABLES: Variables = new Map([
  [
    'device',
    objectType('kubernetes.DRADevice', {
      driver: text(DOMAIN_LENGTH_MAX),
      attributes: byDomain({ kind: 'dyn', sizeMax: VALUE_LENGTH_MAX }),
      capacity: byDomain(QUANTITY),
    }),
  ],
]);

export type CompiledSelector =
  | { readonly program: Program; readonly fault?: never }
  /** In upstream's words. */
  | { readonly fault: string; readonly program?: never };

export function compileDeviceSelector(expression: string): CompiledSelector {
  const { program, fault } = compileProgram(expression, VARIABLES, utf8, { hasBind: true });
  if (program === undefined) return { fault: `compilation failed: ${fault}` };
  const { type } = program;
  if (type.kind === 'bool' || type.kind === 'dyn') return { program };
  return { fault: `must evaluate to bool or the unknown type, not ${typeText(type)}` };
}

/** What the expression costs at most, whatever the device. */
export const selectorCost = ({ expression, checked }: Program): number => estimateCost(expression, checked);

/** More than this the expression of a selector may not come to cost. */
export const SELECTOR_COST_MAX = CALL_COST_MAX;

export type Match =
  | { readonly isMatch: boolean; readonly fault?: never }
  /** What went wrong, in cel-go's words. */
  | { readonly fault: string; readonly isMatch?: never };

/** `driver` is the domain of all names that have none of their own. */
export function matchDevice(program: Program, driver: string, device: Device): Match {
  try {
    const variable = deviceValue(driver, device);
    const { value } = program.run((name) => (name === 'device' ? variable : undefined));
    if (typeof value === 'boolean') return { isMatch: value };
    return { fault: noTruth(value) };
  } catch (error) {
    if (error instanceof CelError || error instanceof CostExceeded) return { fault: error.message };
    throw error;
  }
}

/** Attributes are whole numbers, texts and versions besides truths. */
function noTruth(value: Value): string {
  const type = typeText(runtimeType(value));
  const opening = `CEL result of type ${type} could not be converted to bool`;
  if (type === 'int') return `${opening}: unsupported type conversion from 'int' to bool`;
  if (type === 'string') return `${opening}: unsupported native conversion from string to 'bool'`;
  return `${opening}: type conversion error from 'Semver' to 'bool'`;
}

function deviceValue(driver: string, { attributes = {}, capacity = {} }: Device): Value {
  const value = new EntryMap();
  value.add('driver', driver);
  value.add(
    'attributes',
    inDomains(driver, attributes, (attribute, name) => attributeValue(attribute, name)),
  );
  value.add(
    'capacity',
    inDomains(driver, capacity, (each) => quantityFromText(each.value)),
  );
  return value;
}

function inDomains<Property>(
  driver: string,
  properties: Readonly<Record<string, Property>>,
  valueOf: (property: Property, name: string) => Value,
): Value {
  const domains = new DomainMap();
  for (const [name, property] of Object.entries(properties)) {
    const cut = name.indexOf('/');
    domains.within(cut < 0 ? driver : name.slice(0, cut)).add(name.slice(cut + 1), valueOf(property, name));
  }
  return domains;
}

function attributeValue({ int, bool, string, version }: DeviceAttribute, name: string): Value {
  if (int !== undefined) return BigInt(int);
  if (bool !== undefined) return bool;
  if (string !== undefined) return string;
  if (version !== undefined) return semverFromText(version, false);
  throw new CelError(`attribute ${name}: unsupported attribute value`);
}

/** A domain that the device has nothing of reads as an empty map, although it is not in it. */
class DomainMap extends EntryMap {
  within(domain: string): EntryMap {
    const known = super.get(domain);
    if (known instanceof EntryMap) return known;
    const made = new EntryMap();
    this.add(domain, made);
    return made;
  }

  override get(key: Value): Value {
    return super.get(key) ?? new EntryMap();
  }

  override has(key: Value): boolean {
    return super.get(key) !== undefined;
  }
}
