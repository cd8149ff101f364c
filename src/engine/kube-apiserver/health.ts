/**
 * `/healthz`, `/livez`, `/readyz` and the checks below them. A simulated API server that answers is healthy: its parts are
 * made with it and cannot lag behind. The checks carry upstream's names, so that probes and dashboards find them.
 */
import type { Query } from './query.js';

const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
];
const LAST_CHECKS = [
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
];
const hookChecks = HOOKS.map((hook) => `poststarthook/${hook}`);
const alive = Object.freeze(['ping', 'log', 'etcd', ...hookChecks, ...LAST_CHECKS]);
const ready = Object.freeze([
  'ping',
  'log',
  'etcd',
  'etcd-readiness',
  'informer-sync',
  ...hookChecks,
  ...LAST_CHECKS,
  'shutdown',
]);

const CHECKS: Readonly<Record<string, readonly string[]>> = { healthz: alive, livez: alive, readyz: ready };

/** The text for a path such as `/livez` or `/readyz/etcd`; `undefined` for a path that is none. */
export function healthText(path: string, query: Query): string | undefined {
  const [, root = '', ...rest] = path.split('/');
  const checks = CHECKS[root];
  if (checks === undefined) return undefined;
  if (rest.length > 0) return checks.includes(rest.join('/')) ? 'ok' : undefined;
  return query.has('verbose') ? verbose(root, checks, new Set(query.all('exclude'))) : 'ok';
}

/** The paths of all checks, as the index lists them. */
export const healthPaths = (): readonly string[] =>
  Object.entries(CHECKS).flatMap(([root, checks]) => [`/${root}`, ...checks.map((check) => `/${root}/${check}`)]);

function verbose(root: string, checks: readonly string[], excluded: ReadonlySet<string>): string {
  const lines = checks.map((check) => (excluded.has(check) ? `[+]${check} excluded: ok` : `[+]${check} ok`));
  const unknown = [...excluded].filter((name) => !checks.includes(name)).sort();
  if (unknown.length > 0) {
    const names = unknown.map((name) => JSON.stringify(name)).join(',');
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  return `${[...lines, `${root} check passed`].join('\n')}\n`;
}
