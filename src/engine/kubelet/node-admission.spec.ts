import type { Node, Pod, PodSpec } from '../machinery/api/core-v1.js';
import { NodeAdmission } from './node-admission.js';

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'worker-1', labels: { disk: 'ssd' } },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3' } },
};

const podWith = (spec: Partial<PodSpec>, annotations = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', annotations },
  spec: { containers: [{ name: 'app' }], ...spec },
});
const asking = (cpu: string) => podWith({ containers: [{ name: 'app', resources: { requests: { cpu } } }] });
const publishing = (hostPort: number) =>
  podWith({ containers: [{ name: 'app', ports: [{ containerPort: 1, hostPort }] }] });

describe('NodeAdmission', () => {
  it('rejects what exceeds the node, with the words of upstream', () => {
    const admission = new NodeAdmission();
    expect(admission.admit('a', asking('1500m'), node)).toBeUndefined();
    expect(admission.admit('b', asking('1'), node)).toEqual({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    });
  });

  it('takes a pod again once another has been released', () => {
    const admission = new NodeAdmission();
    admission.admit('a', asking('2'), node);
    admission.release('a');
    expect(admission.admit('b', asking('2'), node)).toBeUndefined();
  });

  it('counts pods', () => {
    const admission = new NodeAdmission();
    for (const key of ['a', 'b', 'c']) admission.admit(key, podWith({}), node);
    expect(admission.admit('d', podWith({}), node)?.reason).toBe('OutOfpods');
  });

  it('rejects a node selector that does not match, and a host port that is taken', () => {
    const admission = new NodeAdmission();
    expect(admission.admit('a', podWith({ nodeSelector: { disk: 'hdd' } }), node)?.reason).toBe('NodeAffinity');
    expect(admission.admit('b', publishing(8080), node)).toBeUndefined();
    expect(admission.admit('c', publishing(8080), node)?.reason).toBe('NodePorts');
    expect(admission.admit('d', publishing(8081), node)).toBeUndefined();
  });

  it('always takes a static pod', () => {
    const admission = new NodeAdmission();
    const mirror = { ...asking('64'), metadata: { name: 'etcd', annotations: { 'kubernetes.io/config.mirror': 'x' } } };
    expect(admission.admit('x', mirror, node)).toBeUndefined();
  });
});
