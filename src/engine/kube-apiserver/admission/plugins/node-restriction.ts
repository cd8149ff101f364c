import { certificateSigningRequest } from '../../../kinds/certificate-signing-request.js';
import { node as nodeKind } from '../../../kinds/node.js';
import { pod as podKind } from '../../../kinds/pod.js';
import { persistentVolumeClaim } from '../../../kinds/persistent-volume-claim.js';
import type { TokenRequest } from '../../../machinery/api/authentication-v1.js';
import type { Node, PersistentVolumeClaim, Pod } from '../../../machinery/api/core-v1.js';
import type { ResourceSlice } from '../../../machinery/api/resource-v1.js';
import { decodeBase64Url } from '../../../machinery/base64.js';
import { deepEqual } from '../../../machinery/equality.js';
import { goQuote } from '../../../machinery/go-text.js';
import type { KubeObject } from '../../../machinery/object.js';
import { notFound } from '../../../machinery/status-error.js';
import { parseCertificateRequest } from '../../../machinery/x509/certificate-request.js';
import { asciiText } from '../../../machinery/x509/der.js';
import { nodeNameOf } from '../../authorization/node-authorizer.js';
import { podReferences } from '../../../kinds/pod-spec/pod-references.js';
import { defineAdmissionPlugin, objectOf, type AdmissionAttributes, type AdmissionContext } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';
import { forbiddenNodeLabels } from './node-labels.js';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const LEASE_NAMESPACE = 'kube-node-lease';
const NODE_SIGNERS: readonly string[] = [
  'kubernetes.io/kubelet-serving',
  'kubernetes.io/kube-apiserver-client-kubelet',
];

type Fault = string | undefined;
type Question = Pick<AdmissionContext, 'reader'> & {
  readonly attributes: AdmissionAttributes;
  readonly nodeName: string;
};

/**
 * A node changes what is its own, and nothing else. Mirrors upstream's NodeRestriction; the cluster's own kubelets are
 * trusted, who label their machines as kubeadm does.
 */
export const nodeRestriction = defineAdmissionPlugin({
  name: 'NodeRestriction',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: [
    'pods',
    'nodes',
    'persistentvolumeclaims',
    'serviceaccounts',
    'coordination.k8s.io/leases',
    'storage.k8s.io/csinodes',
    'resource.k8s.io/resourceslices',
    'certificates.k8s.io/certificatesigningrequests',
  ],

  admit(attributes, { reader }) {
    const nodeName = nodeNameOf(attributes.user);
    if (nodeName === undefined || attributes.user.isInternal === true) return undefined;
    const fault =
      nodeName === ''
        ? `could not determine node from user ${goQuote(attributes.user.username)}`
        : faultOf({ reader, attributes, nodeName });
    if (fault !== undefined) throw admissionForbidden(attributes, fault);
    return undefined;
  },
});

function faultOf(question: Question): Fault {
  switch (question.attributes.kind.plural) {
    case 'pods':
      return podFault(question);
    case 'nodes':
      return nodeFault(question);
    case 'persistentvolumeclaims':
      return claimFault(question);
    case 'serviceaccounts':
      return tokenFault(question);
    case 'leases':
      return leaseFault(question);
    case 'csinodes':
      return csiNodeFault(question);
    case 'resourceslices':
      return sliceFault(question);
    default:
      return requestFault(question);
  }
}

function podFault(question: Question): Fault {
  const { attributes, nodeName } = question;
  const { subresource, operation, old } = attributes;
  const bound = (pod: Pod): boolean => pod.spec.nodeName === nodeName;
  switch (subresource) {
    case undefined:
      if (operation === 'CREATE') return mirrorPodFault(question);
      if (operation === 'DELETE') {
        return bound(existingPod(question))
          ? undefined
          : `node ${goQuote(nodeName)} can only delete pods with spec.nodeName set to itself`;
      }
      return `unexpected operation ${goQuote(operation)}, node ${goQuote(nodeName)} can only create and delete mirror pods`;
    case 'status': {
      const was = old as Pod | undefined;
      if (operation !== 'UPDATE' || was === undefined) return `unexpected operation ${goQuote(operation)}`;
      if (!bound(was))
        return `node ${goQuote(nodeName)} can only update pod status for pods with spec.nodeName set to itself`;
      const now = objectOf(podKind, attributes);
      if (!deepEqual(was.metadata.labels ?? {}, now.metadata.labels ?? {})) {
        return `node ${goQuote(nodeName)} cannot update labels through pod status`;
      }
      const isSame = deepEqual(was.status?.resourceClaimStatuses ?? [], now.status?.resourceClaimStatuses ?? []);
      return isSame ? undefined : `node ${goQuote(nodeName)} cannot update resource claim statues`;
    }
    case 'eviction':
      return bound(existingPod(question))
        ? undefined
        : `node ${nodeName} can only evict pods with spec.nodeName set to itself`;
    default:
      return `unexpected pod subresource ${goQuote(subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

/** @throws StatusError 404 */
function existingPod({ reader, attributes: { namespace = '', name } }: Question): Pod {
  const pod = reader.get(podKind, `${namespace}/${name}`);
  if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  return pod;
}

function mirrorPodFault({ reader, attributes, nodeName }: Question): Fault {
  const pod: Pod = objectOf(podKind, attributes);
  const who = `node ${goQuote(nodeName)}`;
  const { annotations, ownerReferences = [] } = pod.metadata;
  if (annotations?.[MIRROR_ANNOTATION] === undefined) {
    return `pod does not have ${goQuote(MIRROR_ANNOTATION)} annotation, ${who} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== nodeName) return `${who} can only create pods with spec.nodeName set to itself`;
  const [owner, ...others] = ownerReferences;
  if (others.length > 0) return `${who} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) {
    return `${who} can only create pods with an owner reference set to itself`;
  }
  if (owner.controller !== true) return `${who} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `${who} must not set blockOwnerDeletion on an owner reference`;
  const node = reader.get(nodeKind, nodeName);
  if (node === undefined) throw notFound({ group: '', resource: 'nodes' }, nodeName);
  const { uid = '' } = node.metadata;
  if (owner.uid !== uid) return `node ${nodeName} UID mismatch: expected ${owner.uid} got ${uid}`;
  const referred = referredBy(pod);
  return referred === undefined ? undefined : `${who} can not create pods that reference ${referred}`;
}

function referredBy(pod: Pod): string | undefined {
  if ((pod.spec.serviceAccountName ?? '') !== '') return 'serviceaccounts';
  const { secrets, configMaps, claims } = podReferences(pod);
  if (secrets.size > 0) return 'secrets';
  if (configMaps.size > 0) return 'configmaps';
  return claims.size > 0 ? 'persistentvolumeclaims' : undefined;
}

function nodeFault({ attributes, nodeName }: Question): Fault {
  const { operation, name, object, old } = attributes;
  const who = `node ${goQuote(nodeName)}`;
  if (name !== nodeName) return `${who} is not allowed to modify node ${goQuote(name)}`;
  if (object === undefined) return undefined;
  const node: Node = objectOf(nodeKind, attributes);
  if (operation === 'CREATE') {
    const labels = forbiddenNodeLabels(node.metadata.labels ?? {}, {});
    return labels.length === 0 ? undefined : `${who} is not allowed to set the following labels: ${labels.join(', ')}`;
  }
  const was = old as Node;
  if (!deepEqual(node.spec?.taints ?? [], was.spec?.taints ?? [])) return `${who} is not allowed to modify taints`;
  if (!deepEqual(node.metadata.ownerReferences ?? [], was.metadata.ownerReferences ?? [])) {
    return `${who} is not allowed to modify ownerReferences`;
  }
  const labels = forbiddenNodeLabels(node.metadata.labels ?? {}, was.metadata.labels ?? {});
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`;
}

function claimFault({ attributes, nodeName }: Question): Fault {
  if (attributes.subresource !== 'status') return 'may only update PVC status';
  const was = attributes.old as PersistentVolumeClaim;
  const now: PersistentVolumeClaim = objectOf(persistentVolumeClaim, attributes);
  if (deepEqual(withoutResizing(was), withoutResizing(now))) return undefined;
  return `node ${goQuote(nodeName)} is not allowed to update fields other than status.quantity and status.conditions`;
}

function withoutResizing({ metadata, status = {}, ...rest }: PersistentVolumeClaim): object {
  const { resourceVersion: _version, managedFields: _managers, ...kept } = metadata;
  const { capacity: _capacity, conditions: _conditions, allocatedResources: _resources, ...others } = status;
  const { allocatedResourceStatuses: _statuses, ...fixed } = others;
  return { ...rest, metadata: kept, status: fixed };
}

function tokenFault({ reader, attributes, nodeName }: Question): Fault {
  const { operation, subresource, namespace = '', object } = attributes;
  if (operation !== 'CREATE' || subresource !== 'token') return undefined;
  const reference = (object as KubeObject as TokenRequest).spec.boundObjectRef ?? undefined;
  if (reference?.apiVersion !== 'v1' || reference.kind !== 'Pod' || (reference.name ?? '') === '') {
    return 'node requested token not bound to a pod';
  }
  const { name = '', uid = '' } = reference;
  if (uid === '') return 'node requested token with a pod binding without a uid';
  const pod = reader.get(podKind, `${namespace}/${name}`);
  if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  if (uid !== pod.metadata.uid) {
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  return pod.spec.nodeName === nodeName
    ? undefined
    : 'node requested token bound to a pod scheduled on a different node';
}

function leaseFault({ attributes, nodeName }: Question): Fault {
  if (attributes.namespace !== LEASE_NAMESPACE) {
    return `can only access leases in the ${goQuote(LEASE_NAMESPACE)} system namespace`;
  }
  return attributes.name === nodeName
    ? undefined
    : 'can only access node lease with the same name as the requesting node';
}

const csiNodeFault = ({ attributes, nodeName }: Question): Fault =>
  attributes.name === nodeName ? undefined : 'can only access CSINode with the same name as the requesting node';

function sliceFault({ attributes, nodeName }: Question): Fault {
  const { operation, object, old } = attributes;
  const slice = (operation === 'CREATE' ? object : operation === 'DELETE' ? old : undefined) as
    ResourceSlice | undefined;
  if (slice === undefined || slice.spec.nodeName === nodeName) return undefined;
  const verb = operation === 'CREATE' ? 'create' : 'delete';
  return `can only ${verb} ResourceSlice with the same NodeName as the requesting node`;
}

function requestFault({ attributes, nodeName }: Question): Fault {
  const { operation, subresource } = attributes;
  if (operation !== 'CREATE' || subresource !== undefined) return undefined;
  const { signerName, request = '' } = objectOf(certificateSigningRequest, attributes).spec;
  if (!NODE_SIGNERS.includes(signerName)) return undefined;
  const encoded = request.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const { bytes = new Uint8Array() } = decodeBase64Url(encoded);
  const parsed = parseCertificateRequest(asciiText(bytes));
  if (parsed === undefined) return 'unable to parse csr: PEM block type must be CERTIFICATE REQUEST';
  const expected = `system:node:${nodeName}`;
  return parsed.commonName === expected ? undefined : `can only create a node CSR with CN=${expected}`;
}
