import type { Pod } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { defaultPod, defaultTemplate } from './defaults.js';

const podOf = (spec: object): Draft<Pod> =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [], ...spec } }) as Draft<Pod>;

function defaulted(spec: object): Draft<Pod>['spec'] {
  const draft = podOf(spec);
  defaultPod(draft);
  return draft.spec;
}

describe('defaults of a pod', () => {
  it('fills what every pod has', () => {
    expect(defaulted({ containers: [{ name: 'a', image: 'nginx' }] })).toEqual({
      containers: [
        {
          name: 'a',
          image: 'nginx',
          imagePullPolicy: 'Always',
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
        },
      ],
      dnsPolicy: 'ClusterFirst',
      enableServiceLinks: true,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    });
  });

  it('takes missing requests from limits', () => {
    const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } };
    const { containers } = defaulted({ containers: [{ name: 'a', resources }] });
    expect(containers[0]?.resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
  });

  it('does so for pods only', () => {
    const template = { spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1' } } }] } };
    defaultTemplate(template);
    expect(template.spec.containers[0]?.resources).toEqual({ limits: { cpu: '1' } });
  });

  it('gives host ports to pods on the network of the node', () => {
    const spec = defaulted({ hostNetwork: true, containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] });
    expect(spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
  });

  it('fills probes, hooks and references', () => {
    const { containers } = defaulted({
      containers: [
        {
          name: 'a',
          livenessProbe: { httpGet: { port: 80 } },
          readinessProbe: { grpc: { port: 1 }, failureThreshold: 9 },
          env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
        },
      ],
    });
    expect(containers[0]).toMatchObject({
      livenessProbe: {
        httpGet: { path: '/', port: 80, scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      readinessProbe: { grpc: { port: 1, service: '' }, failureThreshold: 9 },
      env: [{ valueFrom: { fieldRef: { apiVersion: 'v1' } } }],
    });
  });

  it('rounds quantities up to thousandths', () => {
    const { containers } = defaulted({ containers: [{ name: 'a', resources: { requests: { cpu: '100u' } } }] });
    expect(containers[0]?.resources?.requests).toEqual({ cpu: '1m' });
  });

  it('keeps the old name of the service account alike', () => {
    expect(defaulted({ serviceAccount: 'robot' })).toMatchObject({ serviceAccountName: 'robot' });
    expect(defaulted({ serviceAccountName: 'robot' })).toMatchObject({ serviceAccount: 'robot' });
  });

  it('makes volumes without a source empty directories', () => {
    expect(defaulted({ volumes: [{ name: 'v' }] }).volumes).toEqual([{ name: 'v', emptyDir: {} }]);
  });

  it('completes the resources of the whole pod', () => {
    const spec = defaulted({
      resources: { limits: { cpu: '2', memory: '1Gi' } },
      containers: [{ name: 'a', resources: { requests: { cpu: '500m' } } }],
    });
    expect(spec.resources?.requests).toEqual({ cpu: '500m', memory: '1Gi' });
  });

  it('changes nothing the second time', () => {
    const draft = podOf({ volumes: [{ name: 'v', secret: { secretName: 's' } }], containers: [{ name: 'a' }] });
    defaultPod(draft);
    const once = JSON.stringify(draft);
    defaultPod(draft);
    expect(JSON.stringify(draft)).toBe(once);
  });
});
