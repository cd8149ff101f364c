import type { Container, Pod, Volume } from '../../machinery/api/core-v1.js';

/** The names of what a pod mounts or reads, each in the pod's namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
}

/** Mirrors `VisitPodSecretNames`, `VisitPodConfigmapNames` and the claims of volumes. */
export function podReferences({ metadata, spec }: Pod): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const claims = new Set<string>();
  const add = (set: Set<string>, name: string | undefined): void => {
    if (name !== undefined && name !== '') set.add(name);
  };
  for (const { name } of spec.imagePullSecrets ?? []) add(secrets, name);
  for (const container of containersOf(spec)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add(configMaps, configMapRef?.name);
      add(secrets, secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add(configMaps, valueFrom?.configMapKeyRef?.name);
      add(secrets, valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    for (const name of secretsOf(volume)) add(secrets, name);
    add(configMaps, volume.configMap?.name);
    for (const source of volume.projected?.sources ?? []) {
      add(secrets, source.secret?.name);
      add(configMaps, source.configMap?.name);
    }
    add(claims, volume.ephemeral === undefined ? undefined : `${metadata.name}-${volume.name}`);
    add(claims, volume.persistentVolumeClaim?.claimName);
  }
  return { secrets, configMaps, claims };
}

type EnvironmentReader = Pick<Container, 'env' | 'envFrom'>;

const containersOf = ({
  containers,
  initContainers = [],
  ephemeralContainers = [],
}: Pod['spec']): readonly EnvironmentReader[] => [...containers, ...initContainers, ...ephemeralContainers];

const secretsOf = (volume: Volume): readonly (string | undefined)[] => [
  volume.secret?.secretName,
  volume.azureFile?.secretName,
  volume.cephfs?.secretRef?.name,
  volume.flexVolume?.secretRef?.name,
  volume.rbd?.secretRef?.name,
  volume.scaleIO?.secretRef?.name,
  volume.iscsi?.secretRef?.name,
  volume.storageos?.secretRef?.name,
  volume.csi?.nodePublishSecretRef?.name,
];
