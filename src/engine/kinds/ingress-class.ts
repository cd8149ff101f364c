import type { IngressClass } from '../machinery/api/networking-v1.js';
import { forbidden, invalid, notSupported, required, tooLong } from '../machinery/field-error.js';
import { byteLength } from '../machinery/go-text.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults } from '../machinery/names.js';
import { checkTypedReference } from './networking-spec/ingress-validation.js';
import { reportFaults } from './pod-spec/checks.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { checkImmutable } from './shared/immutable.js';

const CONTROLLER_BYTES_MAX = 250;
const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const PATH_FAULT = "Invalid path (e.g. '/valid/path', regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
const SCOPES: readonly string[] = ['Cluster', 'Namespace'];

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.IngressClass',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', value: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', value: parameters },
    ageColumn,
  ],
  countsGenerations: true,

  defaults({ spec }) {
    if (spec?.parameters !== undefined) spec.parameters.scope ??= 'Cluster';
  },

  validate,
  validateUpdate(object, old, report) {
    checkImmutable(report, 'spec.controller', [object.spec?.controller ?? '', old.spec?.controller ?? '']);
    validate(object, report);
  },
});

function parameters({ spec }: IngressClass): string {
  if (spec?.parameters === undefined) return '<none>';
  const { apiGroup, kind, name } = spec.parameters;
  return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`;
}

function validate({ spec }: IngressClass, report: Report): void {
  const controller = spec?.controller ?? '';
  if (byteLength(controller) > CONTROLLER_BYTES_MAX) report(tooLong('spec.controller', CONTROLLER_BYTES_MAX));
  validateDomainPath(controller, 'spec.controller', report);
  const parameters = spec?.parameters;
  if (parameters === undefined) return;
  checkTypedReference(parameters, 'spec.parameters', report);
  const scope = parameters.scope ?? undefined;
  const namespace = parameters.namespace ?? undefined;
  const path = 'spec.parameters.namespace';
  if (scope === undefined) report(required('spec.parameters.scope'));
  else if (!SCOPES.includes(scope)) report(notSupported('spec.parameters.scope', scope, SCOPES));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) report(forbidden(path, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) {
    report(required(path, "`parameters.scope` is set to 'Namespace'"));
  } else {
    reportFaults(report, path, namespace, dns1123LabelFaults(namespace));
  }
}

/** `example.com/path` */
function validateDomainPath(value: string, path: string, report: Report): void {
  if (value === '') return report(required(path));
  const slash = value.indexOf('/');
  if (slash <= 0 || slash === value.length - 1) {
    return report(invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  }
  const domain = value.slice(0, slash);
  reportFaults(report, path, domain, dns1123SubdomainFaults(domain));
  const rest = value.slice(slash + 1);
  if (!HTTP_PATH.test(rest)) report(invalid(path, rest, PATH_FAULT));
}
