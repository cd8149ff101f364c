import type { ClientIdentity } from '../client/client.js';

/** Who the components are to the API server: the users of upstream's bootstrap policy. */
export const schedulerIdentity: ClientIdentity = {
  user: { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
  fieldManager: 'kube-scheduler',
};

export const controllerManagerIdentity: ClientIdentity = {
  user: { username: 'system:kube-controller-manager', groups: ['system:authenticated'] },
  fieldManager: 'kube-controller-manager',
};

/** The API server speaking to itself, as upstream's loopback client does. */
export const loopbackIdentity: ClientIdentity = {
  user: { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] },
  fieldManager: 'kube-apiserver',
};

export const kubeletIdentity = (nodeName: string): ClientIdentity => ({
  user: { username: `system:node:${nodeName}`, groups: ['system:nodes', 'system:authenticated'], isInternal: true },
  fieldManager: 'kubelet',
});
