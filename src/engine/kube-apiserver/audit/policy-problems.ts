/** Reads an audit policy as it was sent. Mirrors apiserver's strict decoding and `apis/audit/validation`, in its words. */
import {
  fieldErrorMessage,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import {
  AUDIT_API_VERSION,
  AUDIT_LEVELS,
  AUDIT_STAGES,
  type AuditPolicy,
  type AuditPolicyRule,
  type GroupResources,
} from './audit-policy.js';

/** Every request is held against them. */
const RULES_MAX = 1_000;

export interface PolicyProblem {
  /** The path of the field; empty for the policy as a whole. */
  readonly field: string;
  /** A whole sentence. */
  readonly message: string;
}

export type PolicyReading =
  | { readonly policy: AuditPolicy; readonly problems?: never }
  | { readonly problems: readonly PolicyProblem[]; readonly policy?: never };

type Shape = 'string' | 'boolean' | 'object' | 'strings' | { readonly each: Fields };
type Fields = Readonly<Record<string, Shape>>;

const GROUP_RESOURCES: Fields = { group: 'string', resources: 'strings', resourceNames: 'strings' };
const RULE: Fields = {
  level: 'string',
  users: 'strings',
  userGroups: 'strings',
  verbs: 'strings',
  resources: { each: GROUP_RESOURCES },
  namespaces: 'strings',
  nonResourceURLs: 'strings',
  omitStages: 'strings',
  omitManagedFields: 'boolean',
};
const POLICY: Fields = {
  apiVersion: 'string',
  kind: 'string',
  metadata: 'object',
  rules: { each: RULE },
  omitStages: 'strings',
  omitManagedFields: 'boolean',
};
const SHAPES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  object: 'an object',
  strings: 'a list of strings',
};

/** `path` is where the policy stands in what was sent; empty where it is all of it. */
export function readAuditPolicy(value: unknown, path = ''): PolicyReading {
  const problems: PolicyProblem[] = [];
  const read = fieldsOf(value, POLICY, { path, problems });
  if (problems.length > 0) return { problems };
  const policy = read as unknown as AuditPolicy;
  const typeProblem = typeProblemOf(policy, path);
  if (typeProblem !== undefined) return { problems: [typeProblem] };
  const errors = errorsOf(policy, path);
  if (errors.length > 0) {
    return { problems: errors.map((error) => ({ field: error.field, message: fieldErrorMessage(error) })) };
  }
  if (policy.rules === undefined || policy.rules.length === 0) {
    return { problems: [{ field: below(path, 'rules'), message: 'loaded illegal policy with 0 rules' }] };
  }
  return { policy };
}

interface Reading {
  readonly path: string;
  readonly problems: PolicyProblem[];
}

/** What is null counts as absent, as Go reads it. */
function fieldsOf(value: unknown, fields: Fields, { path, problems }: Reading): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({ field: path, message: `${path === '' ? 'the policy' : path} must be an object` });
    return {};
  }
  const read: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value)) {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const at = below(path, name);
    if (shape === undefined) {
      problems.push({ field: at, message: `strict decoding error: unknown field ${goQuote(at)}` });
    } else if (given !== null && given !== undefined) {
      read[name] = valueOf(given, shape, { path: at, problems });
    }
  }
  return read;
}

function valueOf(value: unknown, shape: Shape, { path, problems }: Reading): unknown {
  if (typeof shape === 'object') {
    if (Array.isArray(value)) {
      return value.map((each, index) => fieldsOf(each, shape.each, { path: `${path}[${index}]`, problems }));
    }
    problems.push({ field: path, message: `${path} must be a list` });
    return undefined;
  }
  const isRight =
    shape === 'strings'
      ? Array.isArray(value) && value.every((each) => typeof each === 'string')
      : typeof value === shape && !Array.isArray(value);
  if (!isRight) problems.push({ field: path, message: `${path} must be ${SHAPES[shape] ?? shape}` });
  return value;
}

function typeProblemOf(policy: Partial<AuditPolicy>, path: string): PolicyProblem | undefined {
  const { apiVersion = '', kind = '' } = policy as { readonly apiVersion?: string; readonly kind?: string };
  if (kind === '') return { field: below(path, 'kind'), message: "Object 'Kind' is missing in the policy" };
  if (apiVersion === '') {
    return { field: below(path, 'apiVersion'), message: "Object 'apiVersion' is missing in the policy" };
  }
  if (apiVersion === AUDIT_API_VERSION && kind === 'Policy') return undefined;
  return {
    field: below(path, apiVersion === AUDIT_API_VERSION ? 'kind' : 'apiVersion'),
    message: `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}: a Policy of ${AUDIT_API_VERSION} is wanted`,
  };
}

function errorsOf({ omitStages, rules = [] }: AuditPolicy, path: string): readonly FieldError[] {
  if (rules.length > RULES_MAX) return [tooMany(below(path, 'rules'), rules.length, RULES_MAX)];
  return [
    ...stageErrors(omitStages, below(path, 'omitStages')),
    ...rules.flatMap((rule, index) => ruleErrors(rule, `${below(path, 'rules')}[${index}]`)),
  ];
}

function ruleErrors(rule: AuditPolicyRule, path: string): readonly FieldError[] {
  const { nonResourceURLs = [], resources = [], namespaces = [] } = rule;
  const errors = [
    ...levelErrors(rule.level, `${path}.level`),
    ...urlErrors(nonResourceURLs, `${path}.nonResourceURLs`),
    ...resources.flatMap((each) => resourceErrors(each, `${path}.resources`)),
    ...stageErrors(rule.omitStages, `${path}.omitStages`),
  ];
  if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
    const fault = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, fault));
  }
  return errors;
}

function levelErrors(level: string | undefined, path: string): readonly FieldError[] {
  if (level === undefined || level === '') return [required(path)];
  return AUDIT_LEVELS.some((each) => each === level) ? [] : [notSupported(path, level, AUDIT_LEVELS)];
}

const urlErrors = (urls: readonly string[], path: string): readonly FieldError[] =>
  urls.flatMap((url, index) => {
    if (url === '*') return [];
    const at = `${path}[${index}]`;
    const start = "non-resource URL rules must begin with a '/' character";
    const star = "non-resource URL wildcards '*' must be the final character of the rule";
    return [
      ...(url.startsWith('/') ? [] : [invalid(at, url, start)]),
      ...(url.slice(0, -1).includes('*') ? [invalid(at, url, star)] : []),
    ];
  });

/** Upstream tells the list, and not which of it. */
function resourceErrors(
  { group = '', resources = [], resourceNames = [] }: GroupResources,
  path: string,
): readonly FieldError[] {
  const faults = group === '' ? [] : dns1123SubdomainFaults(group);
  return [
    ...(faults.length === 0 ? [] : [invalid(`${path}.group`, group, faults.join(','))]),
    ...(resourceNames.length > 0 && resources.length === 0
      ? [invalid(`${path}.resourceNames`, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

const stageErrors = (stages: readonly string[] = [], path: string): readonly FieldError[] =>
  stages.flatMap((stage, index) =>
    AUDIT_STAGES.some((each) => each === stage)
      ? []
      : [invalid(`${path}[${index}]`, stage, `allowed stages are ${AUDIT_STAGES.join(',')}`)],
  );

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
