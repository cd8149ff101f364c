import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { goNumber } from '../../machinery/go-text.js';
import type { Findings } from './findings.js';
import { addInvalid, type Place } from './value-place.js';

/** What counts as a whole number in spite of rounding. */
const EPSILON = 1e-9;

/** Bounds and multiples; those of whole numbers are rounded towards zero, as upstream rounds them. */
export function checkNumber(source: JSONSchemaProps, value: number | bigint, place: Place, findings: Findings): void {
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false } = source;
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  const bound = (given: number): number => (isWhole ? Math.trunc(given) : given);
  if (multipleOf !== undefined) checkMultiple(value, bound(multipleOf), place, findings);
  if (minimum !== undefined) {
    const least = bound(minimum);
    const words = exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    if (value < least || (exclusiveMinimum && !(value > least))) {
      addInvalid(findings, place, value, `should be ${words} ${goNumber(least)}`);
    }
  }
  if (maximum !== undefined) {
    const most = bound(maximum);
    const words = exclusiveMaximum ? 'less than' : 'less than or equal to';
    if (value > most || (exclusiveMaximum && !(value < most))) {
      addInvalid(findings, place, value, `should be ${words} ${goNumber(most)}`);
    }
  }
  findings.match();
  findings.match();
}

function checkMultiple(value: number | bigint, factor: number, place: Place, findings: Findings): void {
  if (factor <= 0) {
    const text = `factor MultipleOf declared for ${place.name} must be positive: ${goNumber(factor)}`;
    return findings.addGeneral(text);
  }
  if (!isMultiple(value, factor)) addInvalid(findings, place, value, `should be a multiple of ${goNumber(factor)}`);
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (typeof value === 'bigint') return value % BigInt(Math.trunc(factor)) === 0n;
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  return isNearlyWhole(factor < 1 ? (1 / factor) * value : value / factor);
}

function isNearlyWhole(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(value);
  if (value === whole) return true;
  if (whole === 0) return false;
  return Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < EPSILON;
}
