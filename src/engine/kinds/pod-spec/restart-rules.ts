import type { Container, ContainerResizePolicy, ContainerRestartRule } from '../../machinery/api/core-v1.js';
import { duplicate, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';

const RESTART_POLICIES = ['Always', 'Never', 'OnFailure'];
const RULE_ACTIONS = ['Restart'];
const RULE_OPERATORS = ['In', 'NotIn'];
const RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const RESIZABLE = ['cpu', 'memory'];
const RESIZE_POLICIES = ['NotRequired', 'RestartContainer'];
const NO_RULES: readonly ContainerRestartRule[] = [];

export function checkRestartPolicy(report: Report, path: string, container: Container): void {
  const { restartPolicy, restartPolicyRules = NO_RULES } = container;
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return;
    report(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  } else if (!RESTART_POLICIES.includes(restartPolicy)) {
    report(notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  }
  if (restartPolicyRules.length > RULES_MAX) report(tooLong(`${path}.restartPolicyRules`, RULES_MAX));
  for (const [index, rule] of restartPolicyRules.entries()) {
    checkRule(report, `${path}.restartPolicyRules[${index}]`, rule);
  }
}

function checkRule(report: Report, path: string, { action, exitCodes }: ContainerRestartRule): void {
  if (!RULE_ACTIONS.includes(action ?? '')) report(notSupported(`${path}.action`, action ?? '', RULE_ACTIONS));
  if (exitCodes === undefined) return report(required(`${path}.exitCodes`, 'must be specified'));
  const { operator = '', values = [] } = exitCodes;
  if (!RULE_OPERATORS.includes(operator)) {
    report(notSupported(`${path}.exitCodes.operator`, operator, RULE_OPERATORS));
  }
  if (values.length > EXIT_CODES_MAX) report(tooLong(`${path}.exitCodes.values`, EXIT_CODES_MAX));
}

export function checkResizePolicies(
  report: Report,
  path: string,
  policies: readonly ContainerResizePolicy[],
  podRestartPolicy: string | undefined,
): void {
  const seen = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) report(duplicate(`${path}[${index}]`, resourceName));
    seen.add(resourceName);
    if (resourceName === '') report(required(path));
    else if (!RESIZABLE.includes(resourceName)) report(notSupported(path, resourceName, RESIZABLE));
    if (restartPolicy === '') report(required(path));
    else if (!RESIZE_POLICIES.includes(restartPolicy)) report(notSupported(path, restartPolicy, RESIZE_POLICIES));
    if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
      report(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    }
  }
}
