import { invalid } from '../../machinery/field-error.js';
import type { JsonValue } from '../../machinery/structure.js';
import { NO_PATH, type Findings } from './findings.js';

/** How errors name the value: `name` is upstream's name for it, `prefix` what stands before that in paths. */
export interface Place {
  readonly name: string;
  readonly prefix: string;
}

export function addInvalid(findings: Findings, place: Place, value: JsonValue, rule: string): void {
  const text = `${place.name} in body ${rule}`;
  findings.add(text, invalid(pathOf(place), value, text));
}

export function pathOf({ name, prefix }: Place): string {
  const path = name.startsWith('.') ? name.slice(1) : name;
  if (prefix === '') return path === '' ? NO_PATH : path;
  return path === '' ? prefix : `${prefix}.${path}`;
}

export const generalPath = (prefix: string): string => (prefix === '' ? NO_PATH : prefix);
