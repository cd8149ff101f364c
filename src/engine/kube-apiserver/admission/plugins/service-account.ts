import { serviceAccount } from '../../../kinds/service-account.js';
import { pod } from '../../../kinds/pod.js';
import type { Container, Pod, ServiceAccount, Volume, VolumeMount } from '../../../machinery/api/core-v1.js';
import type { Draft } from '../../../machinery/object.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const DEFAULT_NAME = 'default';
const VOLUME_PREFIX = 'kube-api-access-';
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_EXPIRATION_SECONDS = 3_607;
const FILE_MODE = 0o644;

/** Gives a new pod its service account, that account's pull secrets, and the projected volume with its token. */
export const serviceAccountAdmission = defineAdmissionPlugin({
  name: 'ServiceAccount',
  operations: ['CREATE'],
  resources: ['pods'],

  admit(attributes, { reader, simulation }) {
    if (attributes.subresource !== undefined) return undefined;
    const draft = objectOf(pod, attributes);
    if (isMirror(draft)) return undefined;
    const { spec } = draft;
    if (isUnset(spec.serviceAccountName)) {
      spec.serviceAccountName = isUnset(spec.serviceAccount) ? DEFAULT_NAME : (spec.serviceAccount ?? DEFAULT_NAME);
    }
    spec.serviceAccount = spec.serviceAccountName ?? DEFAULT_NAME;
    const account = accountOf(draft, attributes, reader);
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
      mountToken(draft, () => `${VOLUME_PREFIX}${simulation.random.nameSuffix()}`);
    }
    if ((spec.imagePullSecrets?.length ?? 0) === 0 && (account.imagePullSecrets?.length ?? 0) > 0) {
      spec.imagePullSecrets = (account.imagePullSecrets ?? []).map(({ name }) => (name === undefined ? {} : { name }));
    }
    return undefined;
  },

  validate(attributes, { reader }) {
    if (attributes.subresource !== undefined) return undefined;
    const draft = objectOf(pod, attributes);
    if (isMirror(draft)) checkMirror(draft, attributes);
    else accountOf(draft, attributes, reader);
    return undefined;
  },
});

const isMirror = ({ metadata }: Draft<Pod>): boolean => metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
const isUnset = (text: string | undefined): boolean => text === undefined || text === '';

function accountOf({ spec }: Draft<Pod>, attributes: AdmissionAttributes, reader: ResourceReader): ServiceAccount {
  const name = spec.serviceAccountName ?? '';
  const key = `${attributes.namespace ?? ''}/${name}`;
  const account = reader.get(serviceAccount, key);
  if (account === undefined) {
    throw admissionForbidden(
      attributes,
      `error looking up service account ${key}: serviceaccount ${JSON.stringify(name)} not found`,
    );
  }
  return account;
}

function checkMirror({ spec }: Draft<Pod>, attributes: AdmissionAttributes): void {
  if (!isUnset(spec.serviceAccountName)) {
    throw admissionForbidden(attributes, 'a mirror pod may not reference service accounts');
  }
  if (spec.volumes?.some(({ secret }) => secret !== undefined) === true) {
    throw admissionForbidden(attributes, 'a mirror pod may not reference secrets');
  }
  const projectsToken = (volume: Draft<Volume>): boolean =>
    volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken !== undefined) === true;
  if (spec.volumes?.some(projectsToken) === true) {
    throw admissionForbidden(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
}

function mountToken({ spec }: Draft<Pod>, generatedName: () => string): void {
  const existing = spec.volumes?.find(({ name }) => name.startsWith(VOLUME_PREFIX));
  const name = existing?.name ?? generatedName();
  const mount: VolumeMount = { name, readOnly: true, mountPath: MOUNT_PATH };
  let isMounted = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (mountInto(container, mount)) isMounted = true;
  }
  if (existing === undefined && isMounted) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

/** A container that mounts something at the token's path keeps it. */
function mountInto(container: Draft<Container>, mount: VolumeMount): boolean {
  if (container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH) === true) return false;
  container.volumeMounts = [...(container.volumeMounts ?? []), { ...mount }];
  return true;
}

const tokenVolume = (name: string): Draft<Volume> => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_EXPIRATION_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
        },
      },
    ],
    defaultMode: FILE_MODE,
  },
});
