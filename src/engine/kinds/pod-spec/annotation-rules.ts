/** Annotations that once were, or still are, part of a pod's specification. */
import type { PodSpec, SeccompProfile } from '../../machinery/api/core-v1.js';
import { forbidden, invalid } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkDescendingPath } from './paths.js';
import { visitContainers } from './pod-scope.js';

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
export const SECCOMP_POD_ANNOTATION = 'seccomp.security.alpha.kubernetes.io/pod';
export const SECCOMP_CONTAINER_PREFIX = 'container.seccomp.security.alpha.kubernetes.io/';
export const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const LOCALHOST_PREFIX = 'localhost/';
const INT32_MAX = 2_147_483_647;

type Annotations = Readonly<Record<string, string>>;

/** Whether any key begins so: mostly none does, and no container need be looked at. */
export function hasKeyBelow(annotations: Annotations, prefix: string): boolean {
  for (const key in annotations) if (key.startsWith(prefix)) return true;
  return false;
}

export function checkPodAnnotations(
  report: Report,
  path: string,
  annotations: Annotations | undefined,
  spec: PodSpec,
): void {
  if (annotations === undefined) return;
  const mirror = annotations[MIRROR_ANNOTATION];
  if (mirror !== undefined && (spec.nodeName ?? '') === '') {
    const detail = 'must set spec.nodeName if mirror pod annotation is set';
    report(invalid(`${path}[${MIRROR_ANNOTATION}]`, mirror, detail));
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInt32(cost)) {
    report(invalid(`${path}[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
  }
  for (const key in annotations) {
    const value = annotations[key] ?? '';
    if (key === SECCOMP_POD_ANNOTATION || key.startsWith(SECCOMP_CONTAINER_PREFIX)) {
      checkSeccompText(report, `${path}.${key}`, value);
    } else if (key.startsWith(APP_ARMOR_PREFIX)) checkAppArmorText(report, `${path}[${key}]`, { key, value, spec });
  }
}

/** Where an annotation and the field that replaced it are both given, they must say the same. */
export function checkAnnotationsMatchFields(
  report: Report,
  path: string,
  annotations: Annotations | undefined,
  spec: PodSpec,
): void {
  if (annotations === undefined) return;
  const profile = spec.securityContext?.seccompProfile;
  checkSeccompMatch(report, `${path}.securityContext`, annotations[SECCOMP_POD_ANNOTATION], profile);
  if (hasKeyBelow(annotations, SECCOMP_CONTAINER_PREFIX)) {
    visitContainers(spec, `${path}.`, ({ name, securityContext }, at) => {
      const annotation = annotations[`${SECCOMP_CONTAINER_PREFIX}${name}`];
      checkSeccompMatch(report, `${at}.securityContext`, annotation, securityContext?.seccompProfile);
    });
  }
  if (spec.os?.name === 'windows' || !hasKeyBelow(annotations, APP_ARMOR_PREFIX)) return;
  visitContainers(spec, `${path}.`, ({ name, securityContext }, at) => {
    const annotation = annotations[`${APP_ARMOR_PREFIX}${name}`];
    const applied = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (annotation === undefined || applied === undefined) return;
    const field = mismatch(annotation, applied, ['runtime/default']);
    if (field === undefined) return;
    const what = field === 'type' ? 'type' : 'profile';
    const where = `${at}.securityContext.appArmorProfile.${field}`;
    report(forbidden(where, `apparmor ${what} in annotation and field must match`));
  });
}

/** What a mirror pod is, and what AppArmor annotations say, is settled when the pod is made. */
export function checkAnnotationUpdates(
  report: Report,
  path: string,
  annotations: Annotations | undefined = {},
  old: Annotations | undefined = {},
): void {
  const settled = (key: string): string | undefined =>
    key.startsWith(APP_ARMOR_PREFIX)
      ? 'AppArmor annotations'
      : key === MIRROR_ANNOTATION
        ? 'mirror pod annotation'
        : undefined;
  for (const key in old) {
    const what = annotations[key] === old[key] ? undefined : settled(key);
    if (what !== undefined) report(forbidden(`${path}[${key}]`, `may not remove or update ${what}`));
  }
  for (const key in annotations) {
    const what = key in old ? undefined : settled(key);
    if (what !== undefined) report(forbidden(`${path}[${key}]`, `may not add ${what}`));
  }
}

function checkSeccompText(report: Report, path: string, profile: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith(LOCALHOST_PREFIX)) {
    checkDescendingPath(report, path, profile.slice(LOCALHOST_PREFIX.length));
  } else report(invalid(path, profile, 'must be a valid seccomp profile'));
}

function checkAppArmorText(
  report: Report,
  path: string,
  { key, value, spec }: { readonly key: string; readonly value: string; readonly spec: PodSpec },
): void {
  const name = key.slice(APP_ARMOR_PREFIX.length);
  let isKnown = false;
  visitContainers(spec, '', (container) => {
    isKnown ||= container.name === name;
  });
  if (!isKnown) report(invalid(path, name, 'container not found'));
  const isProfile =
    value === '' || value === 'runtime/default' || value === 'unconfined' || value.startsWith(LOCALHOST_PREFIX);
  if (!isProfile) report(invalid(path, value, `invalid AppArmor profile name: ${goQuote(value)}`));
}

function checkSeccompMatch(
  report: Report,
  path: string,
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
): void {
  if (annotation === undefined || profile === undefined) return;
  const field = mismatch(annotation, profile, ['runtime/default', 'docker/default']);
  if (field === undefined) return;
  const what = field === 'type' ? 'type' : 'profile';
  report(forbidden(`${path}.seccompProfile.${field}`, `seccomp ${what} in annotation and field must match`));
}

function mismatch(
  annotation: string,
  { type, localhostProfile }: { readonly type: string; readonly localhostProfile?: string },
  runtimeDefaults: readonly string[],
): 'type' | 'localhostProfile' | undefined {
  switch (type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? undefined : 'type';
    case 'RuntimeDefault':
      return runtimeDefaults.includes(annotation) ? undefined : 'type';
    case 'Localhost':
      if (!annotation.startsWith(LOCALHOST_PREFIX)) return 'type';
      return annotation.slice(LOCALHOST_PREFIX.length) === localhostProfile ? undefined : 'localhostProfile';
    default:
      return undefined;
  }
}

/** A leading plus or zero is refused. */
function isInt32(text: string): boolean {
  if (!/^(0|-?\d{1,10})$/.test(text) || /^0\d/.test(text)) return false;
  const value = Number(text);
  return value >= -INT32_MAX - 1 && value <= INT32_MAX;
}
