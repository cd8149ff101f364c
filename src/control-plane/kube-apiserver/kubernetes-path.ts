const ROOT = '/k8s/';

/** Which cluster a path is for, and what it asks of it. */
export interface KubernetesPath {
  readonly tenant: string;
  readonly cluster: string;
  /** Below the cluster's root, beginning with `/`, still percent-encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
}

export const isKubernetesUrl = (url: string): boolean => url.startsWith(ROOT);

/** `/k8s/<tenant>/<cluster>/<path>?<query>`; `undefined` where a part is missing. Names need no decoding: they are DNS labels. */
export function parseKubernetesUrl(url: string): KubernetesPath | undefined {
  const question = url.indexOf('?');
  const pathEnd = question < 0 ? url.length : question;
  const tenantEnd = url.indexOf('/', ROOT.length);
  if (tenantEnd < 0 || tenantEnd > pathEnd) return undefined;
  const slash = url.indexOf('/', tenantEnd + 1);
  const clusterEnd = slash < 0 || slash > pathEnd ? pathEnd : slash;
  const tenant = url.slice(ROOT.length, tenantEnd);
  const cluster = url.slice(tenantEnd + 1, clusterEnd);
  if (tenant === '' || cluster === '') return undefined;
  return {
    tenant,
    cluster,
    path: clusterEnd === pathEnd ? '/' : url.slice(clusterEnd, pathEnd),
    query: question < 0 ? '' : url.slice(question + 1),
  };
}
