/** What a machine and the command line of its kubelet say of it. */
export interface NodeConfig {
  readonly name: string;
  readonly ip: string;
  readonly podCidr: string;
  readonly role: 'control-plane' | 'worker';
  readonly zone: string | undefined;
  readonly region: string | undefined;
  readonly capacity: { readonly cpu: string; readonly memory: string; readonly pods: number };
  /** A Node that a client made is taken over with all that it says; otherwise the kubelet registers its own. */
  readonly isAdopted: boolean;
}

export const SERVED_VERSION = 'v1.35.2';
export const RUNTIME_NAME = 'containerd';
const RUNTIME_VERSION = '2.2.0';
export const RUNTIME_DESCRIPTION = `${RUNTIME_NAME}://${RUNTIME_VERSION}`;
