/** The restricted level of the Pod Security Standards: what hardened pods do, asked of all. */
import type { Volume } from '../../../machinery/api/core-v1.js';
import { maskedProcMount, seccompProfile } from './baseline-checks.js';
import {
  containersOf,
  containersText,
  defineCheck,
  isInUserNamespace,
  isWindows,
  namesWhere,
  plural,
  quoted,
  settersText,
  sortedSet,
  type CheckPod,
  type SecurityCheck,
  type SubjectContainer,
} from './check.js';

const FREE_VOLUMES: readonly (keyof Volume)[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
/** In the order in which upstream looks for them. */
const OTHER_VOLUMES: readonly (keyof Volume)[] = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

const unlessWindows =
  (check: CheckPod): CheckPod =>
  (subject) =>
    isWindows(subject.spec) ? undefined : check(subject);

const unlessUserNamespace =
  (check: CheckPod): CheckPod =>
  (subject) =>
    isInUserNamespace(subject.spec) ? undefined : check(subject);

const allowPrivilegeEscalation: CheckPod = ({ spec }) => {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

const capabilities: CheckPod = ({ spec }) => {
  const added = ({ securityContext }: SubjectContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((each) => each !== 'NET_BIND_SERVICE');
  const keeping = namesWhere(spec, (each) => each.securityContext?.capabilities?.drop?.includes('ALL') !== true);
  const adding = namesWhere(spec, (each) => added(each).length > 0);
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${containersText(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const forbidden = quoted(sortedSet(containersOf(spec).flatMap(added)));
    details.push(`${containersText(adding)} must not include ${forbidden} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const restrictedVolumes: CheckPod = ({ spec }) => {
  const bad = (spec.volumes ?? []).filter((volume) => FREE_VOLUMES.every((type) => volume[type] === undefined));
  if (bad.length === 0) return undefined;
  const typeOf = (volume: Volume): string => OTHER_VOLUMES.find((type) => volume[type] !== undefined) ?? 'unknown';
  const names = bad.map(({ name }) => name);
  const types = sortedSet(bad.map(typeOf));
  const detail = `${plural('volume', names)} ${quoted(names)} ${names.length === 1 ? 'uses' : 'use'} ${plural('restricted volume type', types)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail };
};

const runAsNonRoot: CheckPod = ({ spec }) => {
  const reason = 'runAsNonRoot != true';
  const ofPod = spec.securityContext?.runAsNonRoot;
  const explicit = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false);
  const setters = settersText(ofPod === false, explicit);
  if (setters !== '') return { reason, detail: `${setters} must not set securityContext.runAsNonRoot=false` };
  if (ofPod === true) return undefined;
  const implicit = namesWhere(spec, ({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (implicit.length === 0) return undefined;
  return { reason, detail: `pod or ${containersText(implicit)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: CheckPod = ({ spec }) => {
  const names = namesWhere(spec, ({ securityContext }) => securityContext?.runAsUser === 0);
  const setters = settersText(spec.securityContext?.runAsUser === 0, names);
  return setters === '' ? undefined : { reason: 'runAsUser=0', detail: `${setters} must not set runAsUser=0` };
};

const someSeccompProfile: CheckPod = (subject) => {
  const violation = seccompProfile(subject);
  if (violation !== undefined || subject.spec.securityContext?.seccompProfile !== undefined) return violation;
  const names = namesWhere(subject.spec, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (names.length === 0) return undefined;
  const detail = `pod or ${containersText(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

const restricted = (
  id: string,
  overrides: readonly string[],
  ...versions: readonly (readonly [number, CheckPod])[]
): SecurityCheck =>
  defineCheck({ id, level: 'restricted', versions: versions.map(([since, check]) => ({ since, check, overrides })) });

/** In the order of their ids, which is that of their messages. */
export const restrictedChecks: readonly SecurityCheck[] = Object.freeze([
  restricted(
    'allowPrivilegeEscalation',
    [],
    [8, allowPrivilegeEscalation],
    [25, unlessWindows(allowPrivilegeEscalation)],
  ),
  restricted(
    'capabilities_restricted',
    ['capabilities_baseline'],
    [22, capabilities],
    [25, unlessWindows(capabilities)],
  ),
  restricted('procMount_restricted', ['procMount'], [35, maskedProcMount]),
  restricted('restrictedVolumes', ['hostPathVolumes'], [0, restrictedVolumes]),
  restricted('runAsNonRoot', [], [0, runAsNonRoot], [35, unlessUserNamespace(runAsNonRoot)]),
  restricted('runAsUser', [], [23, runAsUser], [35, unlessUserNamespace(runAsUser)]),
  restricted(
    'seccompProfile_restricted',
    ['seccompProfile_baseline'],
    [19, someSeccompProfile],
    [25, unlessWindows(someSeccompProfile)],
  ),
]);
