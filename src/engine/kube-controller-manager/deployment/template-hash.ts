import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';

/** Letters that make no words, as upstream's `rand.SafeEncodeString` has them. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The `pod-template-hash` of a template: 32-bit FNV-1a in upstream's letters. The text that is hashed is the template's own,
 * with sorted keys, since upstream's is a dump of Go structures; equal templates have equal hashes.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  let hash = FNV_OFFSET;
  const text = collisionCount === undefined ? canonical(template) : `${canonical(template)}${collisionCount}`;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return safeText(hash >>> 0);
}

export const safeText = (number: number): string =>
  Array.from(String(number), (digit) => ALPHABET.charAt(digit.charCodeAt(0) % ALPHABET.length)).join('');

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}
