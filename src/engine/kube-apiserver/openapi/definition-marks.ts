import type { Kind } from '../../machinery/kind.js';
import { DELETE_OPTIONS, type GroupVersionKind, type Path, WATCH_EVENT } from './operation.js';
import { listTypeOf, typeOf } from './operations.js';

const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const META_KINDS: readonly string[] = ['APIGroup', 'APIGroupList', 'APIResourceList', 'APIVersions', 'Status'];
/** Every group version that upstream's code knows, served or not, has its own form of some types. */
const EVERY_GROUP_VERSION: readonly string[] =
  `/v1 admission.k8s.io/v1 admission.k8s.io/v1beta1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1
  admissionregistration.k8s.io/v1beta1 apiextensions.k8s.io/v1 apiextensions.k8s.io/v1beta1 apiregistration.k8s.io/v1
  apiregistration.k8s.io/v1beta1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 authentication.k8s.io/v1alpha1
  authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 autoscaling/v1 autoscaling/v2
  autoscaling/v2beta1 autoscaling/v2beta2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1alpha1
  certificates.k8s.io/v1beta1 coordination.k8s.io/v1 coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1
  discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1
  flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2
  flowcontrol.apiserver.k8s.io/v1beta3 imagepolicy.k8s.io/v1alpha1 internal.apiserver.k8s.io/v1alpha1 networking.k8s.io/v1
  networking.k8s.io/v1beta1 node.k8s.io/v1 node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1
  rbac.authorization.k8s.io/v1 rbac.authorization.k8s.io/v1alpha1 rbac.authorization.k8s.io/v1beta1 resource.k8s.io/v1
  resource.k8s.io/v1alpha3 resource.k8s.io/v1beta1 resource.k8s.io/v1beta2 scheduling.k8s.io/v1 scheduling.k8s.io/v1alpha1
  scheduling.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 storage.k8s.io/v1beta1 storagemigration.k8s.io/v1beta1`.split(
    /\s+/,
  );

/** Which groups, versions and kinds a type stands for, by Go type. */
export function definitionMarks(
  kinds: readonly Kind[],
  paths: readonly Path[],
): ReadonlyMap<string, readonly GroupVersionKind[]> {
  const marks = new Map<string, readonly GroupVersionKind[]>([
    [DELETE_OPTIONS, everywhere('DeleteOptions')],
    [WATCH_EVENT, everywhere('WatchEvent')],
    ...META_KINDS.map((kind) => [`${META}.${kind}`, [{ group: '', kind, version: 'v1' }]] as const),
  ]);
  for (const { operations } of paths) {
    for (const { about, answer } of operations) {
      if (about !== undefined && answer?.endsWith(`.${about.kind}`) === true) marks.set(answer, [ordered(about)]);
    }
  }
  for (const kind of kinds) {
    marks.set(typeOf(kind), [ordered(kind)]);
    const list = listTypeOf(kind);
    const listKind = kind.custom?.listKind ?? `${kind.kind}List`;
    if (list !== undefined) marks.set(list, [ordered({ ...kind, kind: listKind })]);
  }
  return marks;
}

const everywhere = (kind: string): readonly GroupVersionKind[] =>
  EVERY_GROUP_VERSION.map((each) => {
    const [group = '', version = ''] = each.split('/');
    return { group, kind, version };
  });

const ordered = ({ group, kind, version }: GroupVersionKind): GroupVersionKind => ({ group, kind, version });
