/** The small rules that many fields share, with upstream's words. `path` is the field's path from the object's root. */
import type { LabelSelector, LabelSelectorRequirement } from '../../machinery/api/meta-v1.js';
import { forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import {
  dns1123LabelFaults,
  dns1123SubdomainFaults,
  inclusiveRangeMessage,
  labelValueFaults,
  qualifiedNameFaults,
} from '../../machinery/names.js';

const ANNOTATIONS_BYTES_MAX = 262_144;
export const ID_MAX = 2_147_483_647;
const ID_RANGE = inclusiveRangeMessage(0, ID_MAX);

type Labels = Readonly<Record<string, string>>;

/** Absent and empty are one in Go. */
export const isEmpty = (text: string | undefined): text is undefined | '' => text === undefined || text === '';

export function reportFaults(report: Report, path: string, value: unknown, faults: readonly string[]): void {
  for (const fault of faults) report(invalid(path, value, fault));
}

export const checkDnsLabel = (report: Report, path: string, value: string): void =>
  reportFaults(report, path, value, dns1123LabelFaults(value));

export const checkDnsSubdomain = (report: Report, path: string, value: string): void =>
  reportFaults(report, path, value, dns1123SubdomainFaults(value));

export const checkQualifiedName = (report: Report, path: string, value: string): void =>
  reportFaults(report, path, value, qualifiedNameFaults(value));

export function checkNonNegative(report: Report, path: string, value: number | undefined): void {
  if (value !== undefined && value < 0) report(invalid(path, value, 'must be greater than or equal to 0'));
}

export function checkPositive(report: Report, path: string, value: number): void {
  if (value <= 0) report(invalid(path, value, 'must be greater than zero'));
}

/** A Unix user or group id. */
export function checkId(report: Report, path: string, value: number | undefined): void {
  if (value !== undefined && (value < 0 || value > ID_MAX)) report(invalid(path, value, ID_RANGE));
}

/** One of the values that upstream lists; the empty one is reported as missing. */
export function checkChoice(report: Report, path: string, value: string | undefined, choices: readonly string[]): void {
  if (isEmpty(value)) report(required(path));
  else if (!choices.includes(value)) report(notSupported(path, value, choices));
}

/** Every label's fault stands at the path of the map. */
export function checkLabels(report: Report, path: string, labels: Labels | undefined): void {
  if (labels === undefined) return;
  for (const key in labels) {
    const value = labels[key] ?? '';
    checkQualifiedName(report, path, key);
    reportFaults(report, path, value, labelValueFaults(value));
  }
}

export function checkAnnotations(report: Report, path: string, annotations: Labels | undefined): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const key in annotations) {
    reportFaults(report, path, key, qualifiedNameFaults(key.toLowerCase()));
    bytes += byteLength(key) + byteLength(annotations[key] ?? '');
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) report(tooLong(path, ANNOTATIONS_BYTES_MAX));
}

interface SelectorLeniency {
  /** An object that has such values already may keep them. */
  readonly allowsInvalidValues: boolean;
}
const STRICT: SelectorLeniency = Object.freeze({ allowsInvalidValues: false });

export function checkLabelSelector(
  report: Report,
  path: string,
  selector: LabelSelector | undefined,
  leniency: SelectorLeniency = STRICT,
): void {
  if (selector === undefined) return;
  checkLabels(report, `${path}.matchLabels`, selector.matchLabels);
  for (const [index, each] of (selector.matchExpressions ?? []).entries()) {
    checkRequirement(report, `${path}.matchExpressions[${index}]`, each, leniency);
  }
}

export const hasInvalidSelectorValue = (selector: LabelSelector | undefined): boolean =>
  selector?.matchExpressions?.some(({ values }) => values?.some((each) => labelValueFaults(each).length > 0)) ?? false;

function checkRequirement(
  report: Report,
  path: string,
  { key, operator, values = [] }: LabelSelectorRequirement,
  { allowsInvalidValues }: SelectorLeniency,
): void {
  checkOperands(report, path, operator, values);
  checkQualifiedName(report, `${path}.key`, key);
  if (allowsInvalidValues) return;
  for (const [index, value] of values.entries()) {
    reportFaults(report, `${path}.values[${index}]`, value, labelValueFaults(value));
  }
}

export function checkOperands(report: Report, path: string, operator: string, values: readonly string[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      report(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      report(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else {
    report(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
  }
}
