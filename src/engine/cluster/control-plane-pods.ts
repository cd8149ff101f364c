import { SERVED_VERSION } from '../kubelet/node-config.js';
import type { StaticPod } from '../kubelet/static-pod.js';
import type { Probe } from '../machinery/api/core-v1.js';

/** One component of the control plane as kubeadm 1.35 writes its manifest: command line, probes, files of the host. */
interface Manifest {
  readonly component: string;
  readonly image: string;
  readonly cpu: string;
  readonly memory?: string;
  readonly port: number;
  readonly scheme: 'HTTP' | 'HTTPS';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** Volume name, path on host and in the container, kind of path. */
  readonly hostPaths: readonly (readonly [name: string, path: string, type: string])[];
  /** Whether the probes ask at the node's own address rather than at loopback. */
  readonly isProbedAtNode?: boolean;
}

const PKI = '/etc/kubernetes/pki';
const PRIORITY_NODE_CRITICAL = 2_000_001_000;
const ETCD_IMAGE = 'registry.k8s.io/etcd:3.6.6-0';
const HASH_DIGITS = 32;

const CERTIFICATE_PATHS: Manifest['hostPaths'] = [
  ['ca-certs', '/etc/ssl/certs', 'DirectoryOrCreate'],
  ['etc-ca-certificates', '/etc/ca-certificates', 'DirectoryOrCreate'],
  ['k8s-certs', PKI, 'DirectoryOrCreate'],
  ['usr-local-share-ca-certificates', '/usr/local/share/ca-certificates', 'DirectoryOrCreate'],
  ['usr-share-ca-certificates', '/usr/share/ca-certificates', 'DirectoryOrCreate'],
];

/** The static pods of one control-plane node. */
export const controlPlanePods = (nodeName: string, ip: string): readonly StaticPod[] =>
  [etcd(nodeName, ip), apiServer(ip), controllerManager(), scheduler()].map((each) => staticPod(each, nodeName, ip));

const etcd = (nodeName: string, ip: string): Manifest => ({
  component: 'etcd',
  image: ETCD_IMAGE,
  cpu: '100m',
  memory: '100Mi',
  port: 2381,
  scheme: 'HTTP',
  annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${ip}:2379` },
  flags: [
    `--advertise-client-urls=https://${ip}:2379`,
    `--cert-file=${PKI}/etcd/server.crt`,
    '--client-cert-auth=true',
    '--data-dir=/var/lib/etcd',
    '--feature-gates=InitialCorruptCheck=true',
    `--initial-advertise-peer-urls=https://${ip}:2380`,
    `--initial-cluster=${nodeName}=https://${ip}:2380`,
    `--key-file=${PKI}/etcd/server.key`,
    `--listen-client-urls=https://127.0.0.1:2379,https://${ip}:2379`,
    '--listen-metrics-urls=http://127.0.0.1:2381',
    `--listen-peer-urls=https://${ip}:2380`,
    `--name=${nodeName}`,
    `--peer-cert-file=${PKI}/etcd/peer.crt`,
    '--peer-client-cert-auth=true',
    `--peer-key-file=${PKI}/etcd/peer.key`,
    `--peer-trusted-ca-file=${PKI}/etcd/ca.crt`,
    '--snapshot-count=10000',
    `--trusted-ca-file=${PKI}/etcd/ca.crt`,
    '--watch-progress-notify-interval=5s',
  ],
  hostPaths: [
    ['etcd-certs', `${PKI}/etcd`, 'DirectoryOrCreate'],
    ['etcd-data', '/var/lib/etcd', 'DirectoryOrCreate'],
  ],
});

const apiServer = (ip: string): Manifest => ({
  component: 'kube-apiserver',
  image: `registry.k8s.io/kube-apiserver:${SERVED_VERSION}`,
  cpu: '250m',
  port: 6443,
  scheme: 'HTTPS',
  isProbedAtNode: true,
  annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${ip}:6443` },
  flags: [
    `--advertise-address=${ip}`,
    '--allow-privileged=true',
    '--authorization-mode=Node,RBAC',
    `--client-ca-file=${PKI}/ca.crt`,
    '--enable-admission-plugins=NodeRestriction',
    '--enable-bootstrap-token-auth=true',
    '--etcd-servers=https://127.0.0.1:2379',
    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    '--secure-port=6443',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${PKI}/sa.pub`,
    `--service-account-signing-key-file=${PKI}/sa.key`,
    '--service-cluster-ip-range=10.96.0.0/12',
    `--tls-cert-file=${PKI}/apiserver.crt`,
    `--tls-private-key-file=${PKI}/apiserver.key`,
  ],
  hostPaths: CERTIFICATE_PATHS,
});

const controllerManager = (): Manifest => ({
  component: 'kube-controller-manager',
  image: `registry.k8s.io/kube-controller-manager:${SERVED_VERSION}`,
  cpu: '200m',
  port: 10257,
  scheme: 'HTTPS',
  flags: [
    '--allocate-node-cidrs=true',
    '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
    '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
    '--bind-address=127.0.0.1',
    `--client-ca-file=${PKI}/ca.crt`,
    '--cluster-name=kubernetes',
    `--cluster-signing-cert-file=${PKI}/ca.crt`,
    `--cluster-signing-key-file=${PKI}/ca.key`,
    '--controllers=*,bootstrapsigner,tokencleaner',
    '--kubeconfig=/etc/kubernetes/controller-manager.conf',
    '--leader-elect=true',
    `--root-ca-file=${PKI}/ca.crt`,
    `--service-account-private-key-file=${PKI}/sa.key`,
    '--service-cluster-ip-range=10.96.0.0/12',
    '--use-service-account-credentials=true',
  ],
  hostPaths: [...CERTIFICATE_PATHS, ['kubeconfig', '/etc/kubernetes/controller-manager.conf', 'FileOrCreate']],
});

const scheduler = (): Manifest => ({
  component: 'kube-scheduler',
  image: `registry.k8s.io/kube-scheduler:${SERVED_VERSION}`,
  cpu: '100m',
  port: 10259,
  scheme: 'HTTPS',
  flags: [
    '--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
    '--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
    '--bind-address=127.0.0.1',
    '--kubeconfig=/etc/kubernetes/scheduler.conf',
    '--leader-elect=true',
  ],
  hostPaths: [['kubeconfig', '/etc/kubernetes/scheduler.conf', 'FileOrCreate']],
});

function staticPod(manifest: Manifest, nodeName: string, ip: string): StaticPod {
  const { component, image, port, hostPaths } = manifest;
  return {
    name: component,
    namespace: 'kube-system',
    labels: { component, tier: 'control-plane' },
    ...(manifest.annotations === undefined ? {} : { annotations: manifest.annotations }),
    hash: hashOf(`${nodeName}/${component}`),
    spec: {
      containers: [
        {
          name: component,
          image,
          command: [component, ...manifest.flags],
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'probe-port', containerPort: port, protocol: 'TCP' }],
          resources: {
            requests: { cpu: manifest.cpu, ...(manifest.memory === undefined ? {} : { memory: manifest.memory }) },
          },
          livenessProbe: probe(manifest, ip, {
            path: '/livez',
            initialDelaySeconds: 10,
            periodSeconds: 10,
            failureThreshold: 8,
          }),
          readinessProbe: probe(manifest, ip, { path: '/readyz', periodSeconds: 1, failureThreshold: 3 }),
          startupProbe: probe(manifest, ip, {
            path: '/livez',
            initialDelaySeconds: 10,
            periodSeconds: 10,
            failureThreshold: 24,
          }),
          volumeMounts: hostPaths.map(([name, path, type]) => ({
            name,
            mountPath: path,
            ...(type === 'FileOrCreate' || !name.startsWith('etcd') ? { readOnly: true } : {}),
          })),
        },
      ],
      hostNetwork: true,
      priority: PRIORITY_NODE_CRITICAL,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: hostPaths.map(([name, path, type]) => ({ name, hostPath: { path, type } })),
    },
  };
}

type ProbeTimes = Pick<Probe, 'initialDelaySeconds' | 'periodSeconds' | 'failureThreshold'> & { readonly path: string };

const probe = ({ scheme, isProbedAtNode }: Manifest, ip: string, { path, ...times }: ProbeTimes): Probe => ({
  httpGet: { host: isProbedAtNode === true ? ip : '127.0.0.1', path, port: 'probe-port', scheme },
  timeoutSeconds: 15,
  ...times,
});

/** Stands for the digest of a manifest's file: a function of what names it. */
function hashOf(text: string): string {
  let digits = '';
  for (let round = 0; digits.length < HASH_DIGITS; round++) {
    let hash = round + 0x811c9dc5;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    digits += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return digits;
}
