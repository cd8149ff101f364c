/**
 * Mirrors `plugin/pkg/auth/authorizer/node`: a node may read what the pods bound to it refer to, and write what is its
 * own. Instead of a graph it asks the index of pods by node, so that nothing is kept.
 */
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import { pod } from '../../kinds/pod.js';
import { resourceSlice } from '../../kinds/resource-slice.js';
import { volumeAttachment } from '../../kinds/volume-attachment.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes, Authorizer, UserRules, Verdict } from '../authorizer.port.js';
import { nodeRules } from './node-rules.js';
import { podReferences, type PodReferences } from '../../kinds/pod-spec/pod-references.js';
import { ruleAllows } from './rule-matching.js';

const USER_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';
const LEASE_NAMESPACE = 'kube-node-lease';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const OWN_OBJECT_VERBS: readonly string[] = ['get', 'create', 'update', 'patch', 'delete'];
const READ_VERBS: readonly string[] = ['get', 'list', 'watch'];
const WRITE_VERBS: readonly string[] = ['update', 'patch'];

const ALLOWED: Verdict = Object.freeze({ isAllowed: true, reason: '' });
const REFUSED: Verdict = Object.freeze({ isAllowed: false, reason: '' });
const NO_RULES: UserRules = Object.freeze({ rules: [], isIncomplete: false, error: '' });

/** The node that a user is; `undefined` for everybody else, empty for a node without a name. */
export const nodeNameOf = ({ username, groups }: UserInfo): string | undefined =>
  username.startsWith(USER_PREFIX) && groups.includes(NODES_GROUP) ? username.slice(USER_PREFIX.length) : undefined;

export class NodeAuthorizer implements Authorizer {
  readonly #reader: ResourceReader;

  constructor(reader: ResourceReader) {
    this.#reader = reader;
  }

  authorize(attributes: AuthorizationAttributes): Verdict {
    const nodeName = nodeNameOf(attributes.user);
    if (nodeName === undefined) return REFUSED;
    if (nodeName === '') return because(`unknown node for user ${goQuote(attributes.user.username)}`);
    const own = attributes.isResource ? this.#ownResource(nodeName, attributes) : undefined;
    if (own !== undefined) return own;
    return nodeRules.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : REFUSED;
  }

  rulesFor(user: UserInfo): UserRules {
    if (nodeNameOf(user) === undefined) return NO_RULES;
    return { rules: [], isIncomplete: true, error: 'node authorizer does not support user rule resolution' };
  }

  /** The verdict on a resource that is judged by what it has to do with the node. */
  #ownResource(nodeName: string, attributes: AuthorizationAttributes): Verdict | undefined {
    const { group, resource, subresource, namespace, name } = attributes;
    const usedBy = (uses: (of: PodReferences) => ReadonlySet<string>): Verdict =>
      related(
        nodeName,
        name,
        this.#podsOn(nodeName, namespace).some((each) => uses(podReferences(each)).has(name)),
      );
    switch (group === '' ? resource : `${group}/${resource}`) {
      case 'secrets':
        return (
          readFault(attributes) ?? related(nodeName, name, name !== '' && this.#readsSecret(nodeName, namespace, name))
        );
      case 'configmaps':
        return readFault(attributes) ?? usedBy(({ configMaps }) => configMaps);
      case 'persistentvolumeclaims':
        return (
          (subresource === 'status' ? statusFault(attributes) : getFault(attributes)) ?? usedBy(({ claims }) => claims)
        );
      case 'persistentvolumes':
        return getFault(attributes) ?? related(nodeName, name, this.#mountsVolume(nodeName, name));
      case 'resource.k8s.io/resourceclaims':
        return getFault(attributes) ?? related(nodeName, name, this.#holdsClaim(nodeName, namespace, name));
      case 'storage.k8s.io/volumeattachments':
        return (
          getFault(attributes) ??
          related(nodeName, name, this.#reader.get(volumeAttachment, name)?.spec.nodeName === nodeName)
        );
      case 'serviceaccounts':
        return this.#serviceAccount(nodeName, attributes);
      case 'coordination.k8s.io/leases':
        return lease(nodeName, attributes);
      case 'storage.k8s.io/csinodes':
        return csiNode(nodeName, attributes);
      case 'resource.k8s.io/resourceslices':
        return this.#resourceSlice(nodeName, attributes);
      case 'nodes':
        return ownNode(nodeName, attributes);
      case 'pods':
        return this.#pod(nodeName, attributes);
      default:
        return undefined;
    }
  }

  #podsOn(nodeName: string, namespace: string): readonly Pod[] {
    return this.#allPodsOn(nodeName).filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** Mirror pods may refer to nothing. */
  #allPodsOn(nodeName: string): readonly Pod[] {
    const pods = this.#reader.indexed(pod, podsByNode, nodeName);
    return pods.filter(({ metadata }) => metadata.annotations?.[MIRROR_ANNOTATION] === undefined);
  }

  #readsSecret(nodeName: string, namespace: string, name: string): boolean {
    if (this.#podsOn(nodeName, namespace).some((each) => podReferences(each).secrets.has(name))) return true;
    return this.#volumesOf(nodeName).some(({ spec = {} }) => {
      const { csi } = spec;
      const references = [csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef];
      return references.some((each) => each?.name === name && each.namespace === namespace);
    });
  }

  #mountsVolume(nodeName: string, name: string): boolean {
    const { claimRef } = this.#reader.get(persistentVolume, name)?.spec ?? {};
    if (claimRef?.namespace === undefined || claimRef.name === undefined) return false;
    const claimName = claimRef.name;
    return this.#podsOn(nodeName, claimRef.namespace).some((each) => podReferences(each).claims.has(claimName));
  }

  #volumesOf(nodeName: string) {
    return this.#allPodsOn(nodeName).flatMap((each) =>
      [...podReferences(each).claims].flatMap((claim) => {
        const bound = this.#reader.get(persistentVolumeClaim, `${each.metadata.namespace ?? ''}/${claim}`);
        const volume = this.#reader.get(persistentVolume, bound?.spec?.volumeName ?? '');
        return volume === undefined ? [] : [volume];
      }),
    );
  }

  #holdsClaim(nodeName: string, namespace: string, name: string): boolean {
    return this.#podsOn(nodeName, namespace).some(({ spec, status }) => {
      if (spec.resourceClaims?.some(({ resourceClaimName }) => resourceClaimName === name) === true) return true;
      return status?.resourceClaimStatuses?.some(({ resourceClaimName }) => resourceClaimName === name) === true;
    });
  }

  #serviceAccount(nodeName: string, attributes: AuthorizationAttributes): Verdict {
    const { verb, subresource, namespace, name } = attributes;
    const isGet = verb === 'get' && subresource === '';
    if (!isGet && (verb !== 'create' || name === '')) {
      return because('can only create tokens for individual service accounts');
    }
    if (!isGet && subresource !== 'token') return because('can only create token subresource of serviceaccount');
    const isUsed = this.#podsOn(nodeName, namespace).some(({ spec }) => spec.serviceAccountName === name);
    return related(nodeName, name, isUsed);
  }

  #resourceSlice(nodeName: string, attributes: AuthorizationAttributes): Verdict {
    const { verb, subresource, name } = attributes;
    if (subresource !== '') return because('cannot authorize ResourceSlice subresources');
    switch (verb) {
      case 'create':
        return ALLOWED;
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return related(nodeName, name, this.#reader.get(resourceSlice, name)?.spec.nodeName === nodeName);
      case 'watch':
      case 'list':
      case 'deletecollection':
        if (selects(attributes, 'spec.nodeName', nodeName)) return ALLOWED;
        return because('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        return because(
          'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
        );
    }
  }

  #pod(nodeName: string, attributes: AuthorizationAttributes): Verdict {
    const { verb, subresource, namespace, name } = attributes;
    const isOwn = (): boolean => this.#reader.get(pod, `${namespace}/${name}`)?.spec.nodeName === nodeName;
    if (subresource === 'status') return WRITE_VERBS.includes(verb) ? ALLOWED : REFUSED;
    if (subresource === 'eviction') return verb === 'create' ? ALLOWED : REFUSED;
    if (subresource !== '') return REFUSED;
    if (verb === 'create' || verb === 'delete') return ALLOWED;
    if (verb === 'get') return related(nodeName, name, name !== '' && isOwn());
    if (verb !== 'list' && verb !== 'watch') return REFUSED;
    if (selects(attributes, 'spec.nodeName', nodeName)) return ALLOWED;
    if (name !== '') return related(nodeName, name, isOwn());
    return because('can only list/watch pods with spec.nodeName field selector');
  }
}

const because = (reason: string): Verdict => ({ isAllowed: false, reason });

function related(nodeName: string, name: string, isRelated: boolean): Verdict {
  if (name === '') return because('No Object name found');
  return isRelated ? ALLOWED : because(`no relationship found between node '${nodeName}' and this object`);
}

const selects = ({ fields = [] }: AuthorizationAttributes, field: string, value: string): boolean =>
  fields.some((each) => each.field === field && each.operator === '=' && each.value === value);

function readFault({ verb, subresource, namespace }: AuthorizationAttributes): Verdict | undefined {
  if (!READ_VERBS.includes(verb)) return because('can only read resources of this type');
  if (subresource !== '') return because('cannot read subresource');
  return namespace === '' ? because('can only read namespaced object of this type') : undefined;
}

function getFault({ verb, subresource }: AuthorizationAttributes): Verdict | undefined {
  if (verb !== 'get') return because('can only get individual resources of this type');
  return subresource === '' ? undefined : because('cannot get subresource');
}

const statusFault = ({ verb }: AuthorizationAttributes): Verdict | undefined =>
  WRITE_VERBS.includes(verb) ? undefined : because('can only get/update/patch this type');

function lease(nodeName: string, { verb, namespace, name }: AuthorizationAttributes): Verdict {
  if (!OWN_OBJECT_VERBS.includes(verb)) {
    return because('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASE_NAMESPACE) {
    return because(`can only access leases in the ${goQuote(LEASE_NAMESPACE)} system namespace`);
  }
  if (verb === 'create' || name === nodeName) return ALLOWED;
  return because('can only access node lease with the same name as the requesting node');
}

function csiNode(nodeName: string, { verb, subresource, name }: AuthorizationAttributes): Verdict {
  if (!OWN_OBJECT_VERBS.includes(verb)) return because('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return because('cannot authorize CSINode subresources');
  if (verb === 'create' || name === nodeName) return ALLOWED;
  return because('can only access CSINode with the same name as the requesting node');
}

function ownNode(nodeName: string, { verb, subresource, name }: AuthorizationAttributes): Verdict {
  if (subresource === 'status') return WRITE_VERBS.includes(verb) ? ALLOWED : REFUSED;
  if (subresource !== '') return REFUSED;
  if (verb === 'create' || WRITE_VERBS.includes(verb)) return ALLOWED;
  if (!READ_VERBS.includes(verb)) return REFUSED;
  if (name === nodeName) return ALLOWED;
  return because(
    name === ''
      ? `node '${nodeName}' cannot read all nodes, only its own Node object`
      : `node '${nodeName}' cannot read '${name}', only its own Node object`,
  );
}
