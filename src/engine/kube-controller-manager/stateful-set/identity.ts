import { statefulSet } from '../../kinds/stateful-set.js';
import type { StatefulSet } from '../../machinery/api/apps-v1.js';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../machinery/api/core-v1.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { podFromTemplate } from '../owned-pods.js';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';
export const REVISION_LABEL = 'controller-revision-hash';

const POD_NAME = /^(.*)-(\d+)$/;

export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;
export const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;

/** Of a pod that may be the set's by its name. */
export function ordinalIn(set: StatefulSet, name: string): number | undefined {
  const [, parent, ordinal] = POD_NAME.exec(name) ?? [];
  return parent === set.metadata.name && ordinal !== undefined ? Number(ordinal) : undefined;
}

export const podNameOf = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

export const isInRange = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);

export const claimNameOf = (set: StatefulSet, template: PersistentVolumeClaim, ordinal: number): string =>
  `${template.metadata.name}-${set.metadata.name}-${ordinal}`;

/** The claims of one pod, as they are to be created. */
export const claimsOf = (set: StatefulSet, ordinal: number): readonly NewObject<PersistentVolumeClaim>[] =>
  (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const { labels, annotations } = template.metadata;
    return {
      metadata: {
        name: claimNameOf(set, template, ordinal),
        labels: { ...labels, ...set.spec.selector.matchLabels },
        ...(annotations === undefined ? {} : { annotations }),
      },
      spec: template.spec,
    };
  });

export function podOf(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): NewObject<Pod> {
  const made = podFromTemplate({ kind: statefulSet, object: set }, template);
  const name = podNameOf(set, ordinal);
  return {
    ...made,
    metadata: {
      ...made.metadata,
      name,
      labels: { ...made.metadata.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision },
    },
    spec: {
      ...made.spec,
      volumes: volumesOf(set, made.spec.volumes ?? [], ordinal),
      hostname: name,
      ...(set.spec.serviceName === undefined ? {} : { subdomain: set.spec.serviceName }),
    },
  };
}

export const identityLabels = (name: string, ordinal: number): Readonly<Record<string, string>> => ({
  [POD_NAME_LABEL]: name,
  [POD_INDEX_LABEL]: `${ordinal}`,
});

/** The claims' volumes first; a volume of the template that has the name of a claim is replaced by it. */
function volumesOf(set: StatefulSet, volumes: readonly Volume[], ordinal: number): readonly Volume[] {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const claimed = templates.map((template) => ({
    name: template.metadata.name,
    persistentVolumeClaim: { claimName: claimNameOf(set, template, ordinal) },
  }));
  return [...claimed, ...volumes.filter(({ name }) => !templates.some(({ metadata }) => metadata.name === name))];
}
