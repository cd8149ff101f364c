/** Mirrors `ValidateValidatingAdmissionPolicy` and `ValidateValidatingAdmissionPolicyBinding`. */
import type {
  AuditAnnotation,
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  Validation,
  Variable,
} from '../../machinery/api/admissionregistration-v1.js';
import { admissionVariables } from '../../machinery/cel/admission-environment.js';
import { checkExpression } from '../../machinery/cel/expression-check.js';
import { BOOL, DYN, NULL, STRING, type Type } from '../../machinery/cel/types.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1035LabelFaults, dns1123SubdomainFaults, pathSegmentFaults } from '../../machinery/names.js';
import { checkDnsSubdomain, checkLabelSelector, checkQualifiedName, reportFaults } from '../pod-spec/checks.js';
import { FAILURE_POLICIES, checkMatchConditions, checkMatchResources } from './match-rules.js';

const REASONS: readonly string[] = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS: readonly string[] = ['Audit', 'Deny', 'Warn'];
const MISSING_PARAM_ACTIONS: readonly string[] = ['Allow', 'Deny'];
const AUDIT_ANNOTATIONS_MAX = 20;
const AUDIT_EXPRESSION_BYTES_MAX = 5 * 1_024;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED: readonly string[] = [
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import'],
  ...['let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
];

export function checkPolicy(policy: ValidatingAdmissionPolicy, report: Report, old?: ValidatingAdmissionPolicy): void {
  const spec = policy.spec ?? {};
  const { failurePolicy, paramKind, matchConstraints, validations = [], auditAnnotations = [], variables = [] } = spec;
  if (failurePolicy === undefined) report(required('spec.failurePolicy'));
  else if (!FAILURE_POLICIES.includes(failurePolicy)) {
    report(notSupported('spec.failurePolicy', failurePolicy, FAILURE_POLICIES));
  }
  if (paramKind !== undefined) checkParamKind(report, 'spec.paramKind', paramKind);
  if (matchConstraints === undefined) {
    report(required('spec.matchConstraints'));
  } else {
    checkMatchResources(report, 'spec.matchConstraints', matchConstraints);
    if ((matchConstraints.resourceRules ?? []).length === 0) report(required('spec.matchConstraints.resourceRules'));
  }
  const isOldCondition =
    old !== undefined &&
    deepEqual(paramKind, old.spec?.paramKind) &&
    deepEqual(spec.matchConditions, old.spec?.matchConditions);
  const hasParams = paramKind !== undefined;
  if (!isOldCondition) {
    const known = admissionVariables({ hasParams, hasAuthorizer: true });
    checkMatchConditions(report, 'spec.matchConditions', spec.matchConditions, known);
  }
  const scope: Scope = { report, hasParams, variables: new Map() };
  for (const [index, variable] of variables.entries()) checkVariable(scope, `spec.variables[${index}]`, variable);
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    report(required('spec.validations', detail));
    report(required('spec.auditAnnotations', detail));
    return;
  }
  for (const [index, each] of validations.entries()) checkValidation(scope, `spec.validations[${index}]`, each);
  checkAuditAnnotations(scope, policy.metadata.name, auditAnnotations);
}

/** What the expressions of one policy may name. */
interface Scope {
  readonly report: Report;
  readonly hasParams: boolean;
  /** The variables so far, in order. */
  readonly variables: Map<string, Type>;
}

/** Whether a text compiles to one of the types; the type, where it does. */
function checkText(
  { report, hasParams, variables }: Scope,
  path: string,
  text: string,
  { wanted, hasAuthorizer }: { readonly wanted: readonly Type[]; readonly hasAuthorizer: boolean },
): Type | undefined {
  const known = admissionVariables({ hasParams, hasAuthorizer, variables });
  const { type, fault } = checkExpression(text, known, wanted);
  if (fault !== undefined) report(invalid(path, text, fault));
  return type;
}

function checkParamKind(report: Report, path: string, { apiVersion = '', kind = '' }: ParamKind): void {
  if (apiVersion === '') report(required(`${path}.apiVersion`));
  else checkGroupVersion(report, `${path}.apiVersion`, apiVersion);
  if (kind === '') {
    report(required(`${path}.kind`));
    return;
  }
  const faults = dns1035LabelFaults(kind.toLowerCase());
  if (faults.length === 0) return;
  report(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${faults.join(',')}`));
}

function checkGroupVersion(report: Report, path: string, text: string): void {
  const parts = text.split('/');
  if (parts.length > 2) {
    report(invalid(path, text, `unexpected GroupVersion string: ${text}`));
    return;
  }
  const group = parts.length === 2 ? (parts[0] ?? '') : '';
  const version = parts.at(-1) ?? '';
  const groupFaults = group === '' ? [] : dns1123SubdomainFaults(group);
  if (groupFaults.length > 0) report(invalid(path, group, groupFaults.join(',')));
  if (version === '') {
    report(invalid(path, text, 'version must be specified'));
    return;
  }
  const versionFaults = dns1035LabelFaults(version);
  if (versionFaults.length > 0) report(invalid(path, version, versionFaults.join(',')));
}

function checkVariable(scope: Scope, path: string, { name, expression }: Variable): void {
  const { report } = scope;
  if (name.trim() === '') report(required(`${path}.name`, 'name is not specified'));
  else if (!IDENTIFIER.test(name) || RESERVED.includes(name)) {
    report(invalid(`${path}.name`, name, 'must be a valid CEL identifier'));
  }
  if (expression.trim() === '') {
    report(required(`${path}.expression`, 'expression is not specified'));
    return;
  }
  const type = checkText(scope, `${path}.expression`, expression, { wanted: [], hasAuthorizer: true });
  scope.variables.set(name, type ?? DYN);
}

function checkValidation(scope: Scope, path: string, validation: Validation): void {
  const { report } = scope;
  const { expression, message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') report(required(`${path}.expression`, 'expression is not specified'));
  else checkText(scope, `${path}.expression`, expression, { wanted: [BOOL], hasAuthorizer: true });
  if (messageExpression.trim() !== '') {
    const rules = { wanted: [STRING], hasAuthorizer: false };
    checkText(scope, `${path}.messageExpression`, messageExpression, rules);
  } else if (messageExpression !== '') {
    report(invalid(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  }
  if (message !== '' && message.trim() === '') {
    report(invalid(`${path}.message`, message, 'must be non-empty if specified'));
  } else if (/[\n\r]/.test(message.trim())) {
    report(invalid(`${path}.message`, message, 'must not contain line breaks'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) report(notSupported(`${path}.reason`, reason, REASONS));
}

function checkAuditAnnotations(scope: Scope, name: string, annotations: readonly AuditAnnotation[]): void {
  const { report } = scope;
  const path = 'spec.auditAnnotations';
  if (annotations.length > AUDIT_ANNOTATIONS_MAX) {
    report(invalid(path, annotations, `must not have more than ${AUDIT_ANNOTATIONS_MAX} auditAnnotations`));
  }
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const at = `${path}[${index}]`;
    if (name === '') report(invalid(`${at}.key`, key, 'requires metadata.name be non-empty'));
    else checkQualifiedName(report, `${at}.key`, `${name}/${key}`);
    const trimmed = valueExpression.trim();
    if (trimmed === '') report(required(`${at}.valueExpression`, 'valueExpression is not specified'));
    else if (trimmed.length > AUDIT_EXPRESSION_BYTES_MAX) {
      report(required(`${at}.valueExpression`, `must not exceed ${AUDIT_EXPRESSION_BYTES_MAX} bytes in length`));
    } else checkText(scope, `${at}.valueExpression`, valueExpression, { wanted: [STRING, NULL], hasAuthorizer: true });
    if (annotations.findIndex((each) => each.key === key) < index) report(duplicate(`${at}.key`, key));
  }
}

export function checkPolicyBinding({ spec = {} }: ValidatingAdmissionPolicyBinding, report: Report): void {
  const { policyName = '', paramRef, matchResources, validationActions = [] } = spec;
  if (policyName === '') report(required('spec.policyName'));
  else checkDnsSubdomain(report, 'spec.policyName', policyName);
  if (paramRef !== undefined) checkParamRef(report, 'spec.paramRef', paramRef);
  if (matchResources !== undefined) checkMatchResources(report, 'spec.matchResources', matchResources);
  const path = 'spec.validationActions';
  for (const [index, action] of validationActions.entries()) {
    if (!ACTIONS.includes(action)) report(notSupported(`${path}[${index}]`, action, ACTIONS));
    if (validationActions.indexOf(action) < index) report(duplicate(`${path}[${index}]`, action));
  }
  if (validationActions.includes('Deny') && validationActions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    report(invalid(path, validationActions, detail));
  }
  if (validationActions.length === 0) report(required(path, 'at least one validation action is required'));
}

function checkParamRef(report: Report, path: string, reference: ParamRef): void {
  const { name = '', selector, parameterNotFoundAction = '' } = reference;
  const both = 'name and selector are mutually exclusive';
  if (name !== '') {
    reportFaults(report, `${path}.name`, name, pathSegmentFaults(name));
    if (selector !== undefined) report(forbidden(`${path}.name`, both));
  }
  if (selector !== undefined) {
    checkLabelSelector(report, `${path}.selector`, selector);
    if (name !== '') report(forbidden(`${path}.selector`, both));
  }
  if (name === '' && selector === undefined) report(required(path, 'one of name or selector must be specified'));
  const actionPath = `${path}.parameterNotFoundAction`;
  if (parameterNotFoundAction === '') report(required(actionPath));
  else if (!MISSING_PARAM_ACTIONS.includes(parameterNotFoundAction)) {
    report(notSupported(actionPath, parameterNotFoundAction, ['Deny', 'Allow']));
  }
}
