import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
  SuccessPolicyRule,
} from '../../machinery/api/batch-v1.js';
import { OMITTED, duplicate, invalid, notSupported, required, tooLong, tooMany } from '../../machinery/field-error.js';
import { byteLength, goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkNonNegative, checkQualifiedName, isEmpty } from '../pod-spec/checks.js';
import { countIndexes, parseIntervals } from './index-intervals.js';

const RULES_MAX = 20;
const PATTERNS_MAX = 20;
const EXIT_CODES_MAX = 255;
const INDEXES_BYTES_MAX = 65_536;
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const OPERATORS = ['In', 'NotIn'];
const CONDITION_STATUSES = ['False', 'True', 'Unknown'];

export function checkPodFailurePolicy(report: Report, path: string, spec: JobSpec): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > RULES_MAX) report(tooMany(`${path}.rules`, rules.length, RULES_MAX));
  for (const [index, rule] of rules.entries()) checkFailureRule(report, `${path}.rules[${index}]`, rule, spec);
}

function checkFailureRule(report: Report, path: string, rule: PodFailurePolicyRule, spec: JobSpec): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  if (isEmpty(action)) report(required(`${path}.action`, validValues(ACTIONS)));
  else if (action === 'FailIndex') {
    if (spec.backoffLimitPerIndex === undefined) {
      report(invalid(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'));
    }
  } else if (!ACTIONS.includes(action)) report(notSupported(`${path}.action`, action, ACTIONS));
  if (onExitCodes !== undefined) checkExitCodes(report, `${path}.onExitCodes`, onExitCodes, spec);
  if (onPodConditions.length > 0) checkPatterns(report, `${path}.onPodConditions`, onPodConditions);
  if (onExitCodes !== undefined && onPodConditions.length > 0) {
    report(invalid(path, OMITTED, 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (onExitCodes === undefined && onPodConditions.length === 0) {
    report(invalid(path, OMITTED, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
}

function checkPatterns(
  report: Report,
  path: string,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): void {
  if (patterns.length > PATTERNS_MAX) report(tooMany(path, patterns.length, PATTERNS_MAX));
  for (const [index, { type, status }] of patterns.entries()) {
    const at = `${path}[${index}]`;
    checkQualifiedName(report, `${at}.type`, type);
    if (isEmpty(status)) report(required(`${at}.status`, validValues(CONDITION_STATUSES)));
    else if (!CONDITION_STATUSES.includes(status)) report(notSupported(`${at}.status`, status, CONDITION_STATUSES));
  }
}

function checkExitCodes(
  report: Report,
  path: string,
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement,
  { template }: JobSpec,
): void {
  if (isEmpty(operator)) report(required(`${path}.operator`, validValues(OPERATORS)));
  else if (!OPERATORS.includes(operator)) report(notSupported(`${path}.operator`, operator, OPERATORS));
  const containers = [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])];
  if (containerName !== undefined && !containers.some(({ name }) => name === containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template';
    report(invalid(`${path}.containerName`, containerName, detail));
  }
  const codes = values ?? [];
  if (codes.length === 0) report(invalid(`${path}.values`, codes, 'at least one value is required'));
  else if (codes.length > EXIT_CODES_MAX) report(tooMany(`${path}.values`, codes.length, EXIT_CODES_MAX));
  const seen = new Set<number>();
  for (const [index, code] of codes.entries()) {
    const at = `${path}.values[${index}]`;
    if (operator === 'In' && code === 0) report(invalid(at, code, 'must not be 0 for the In operator'));
    if (seen.has(code)) report(duplicate(at, code));
    seen.add(code);
  }
  if (codes.some((code, index) => index > 0 && (codes[index - 1] ?? code) > code)) {
    report(invalid(`${path}.values`, codes, 'must be ordered'));
  }
}

export function checkSuccessPolicy(report: Report, path: string, spec: JobSpec): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified';
    report(required(`${path}.rules`, detail));
  }
  if (rules.length > RULES_MAX) report(tooMany(`${path}.rules`, rules.length, RULES_MAX));
  for (const [index, rule] of rules.entries()) {
    checkSuccessRule(report, `${path}.rules[${index}]`, rule, spec.completions ?? 0);
  }
}

function checkSuccessRule(report: Report, path: string, rule: SuccessPolicyRule, completions: number): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    report(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  let total = 0;
  if (indexes !== undefined) {
    const at = `${path}.succeededIndexes`;
    if (byteLength(indexes) > INDEXES_BYTES_MAX) report(tooLong(at, INDEXES_BYTES_MAX));
    const parsed = parseIntervals(indexes, completions);
    if (parsed.fault === undefined) total = countIndexes(parsed.intervals);
    else report(invalid(at, indexes, `error parsing succeededIndexes: ${parsed.fault}`));
  }
  if (count === undefined) return;
  const at = `${path}.succeededCount`;
  checkNonNegative(report, at, count);
  if (count > completions) {
    const detail = `must be less than or equal to ${completions} (the number of specified completions)`;
    report(invalid(at, count, detail));
  }
  if (indexes !== undefined && count > total) {
    const what = 'the number of indexes in the specified succeededIndexes field';
    report(invalid(at, count, `must be less than or equal to ${total} (${what})`));
  }
}

const validValues = (values: readonly string[]): string => `valid values: [${values.map(goQuote).join(' ')}]`;
