import type { Container, EnvVar, Pod } from '../machinery/api/core-v1.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of a process in a container: literals and fields of the pod. Values from ConfigMaps and Secrets are left out. */
export function processEnvironment(pod: Pod, container: Pick<Container, 'env'>): Readonly<Record<string, string>> {
  const environment: Record<string, string> = { PATH, HOSTNAME: hostnameOf(pod) };
  for (const variable of container.env ?? []) {
    const value = valueOf(pod, variable);
    if (value !== undefined) environment[variable.name] = referring(value, environment);
  }
  return { ...environment, HOME: '/root' };
}

export const hostnameOf = ({ metadata, spec }: Pod): string =>
  spec.hostNetwork === true ? (spec.nodeName ?? '') : (spec.hostname ?? metadata.name);

function valueOf(pod: Pod, { value, valueFrom }: EnvVar): string | undefined {
  if (valueFrom === undefined) return value ?? '';
  return valueFrom.fieldRef === undefined ? undefined : podField(pod, valueFrom.fieldRef.fieldPath);
}

/** A field of a pod that its containers may read; `undefined` for a path that names none. */
export function podField({ metadata, spec, status }: Pod, path: string): string | undefined {
  const [, map, key = ''] = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') return metadata[map]?.[key] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.podIP':
    case 'status.podIPs':
      return status?.podIP ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return status?.hostIP ?? '';
    default:
      return undefined;
  }
}

/** `$(NAME)` stands for an earlier variable, `$$` for a dollar sign. */
const referring = (value: string, known: Readonly<Record<string, string>>): string =>
  value.replace(/\$(\$|\(([^)]*)\))/g, (whole, after: string, name?: string) =>
    after === '$' ? '$' : (known[name ?? ''] ?? whole),
  );
