// A pod as people write them, about 2 KB, that no scheduler takes: its life ends with being stored.
const NAME = 'pod-00000000';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: NAME,
    labels: {
      'app.kubernetes.io/name': 'checkout',
      'app.kubernetes.io/instance': 'checkout-production',
      'app.kubernetes.io/version': '4.12.1',
      'app.kubernetes.io/component': 'backend',
      'app.kubernetes.io/part-of': 'shop',
      'app.kubernetes.io/managed-by': 'helm',
    },
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9090',
      'checksum/config': '3f1c2a9be0d94d8db2c1a0b7c6d5e4f3928170aabbccddeeff00112233445566',
    },
  },
  spec: {
    schedulerName: 'nobody',
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
    containers: [
      {
        name: 'server',
        image: 'registry.example.com/shop/checkout:4.12.1',
        args: ['--listen=0.0.0.0:8080', '--metrics=0.0.0.0:9090', '--log-format=json'],
        ports: [
          { name: 'http', containerPort: 8080 },
          { name: 'metrics', containerPort: 9090 },
        ],
        env: [
          { name: 'PORT', value: '8080' },
          { name: 'CART_SERVICE_ADDR', value: 'cart:7070' },
          { name: 'PAYMENT_SERVICE_ADDR', value: 'payment:50051' },
          { name: 'SHIPPING_SERVICE_ADDR', value: 'shipping:50051' },
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
        resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
        readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 5 },
        livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 10 },
        volumeMounts: [{ name: 'config', mountPath: '/etc/checkout', readOnly: true }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
      {
        name: 'proxy',
        image: 'registry.example.com/mesh/proxy:1.28.0',
        args: ['proxy', 'sidecar', '--domain', 'default.svc.cluster.local'],
        ports: [{ name: 'inbound', containerPort: 15006 }],
        resources: { requests: { cpu: '10m', memory: '40Mi' }, limits: { cpu: '2', memory: '1Gi' } },
      },
    ],
    volumes: [{ name: 'config', configMap: { name: 'checkout-config', defaultMode: 420 } }],
  },
};

const text = JSON.stringify(pod);
const DIGITS = 8;
const digitsAt = text.indexOf(NAME) + NAME.length - DIGITS;

export const POD_BYTES = Buffer.byteLength(text);

/** Fills numbered pods into copies of one request, whose body ends with the pod. */
export function podRequests(request) {
  const at = request.byteLength - POD_BYTES + digitsAt;
  return (number) => {
    const bytes = Buffer.from(request);
    bytes.latin1Write(String(number).padStart(DIGITS, '0'), at);
    return bytes;
  };
}

export const podBody = () => Buffer.from(text);
