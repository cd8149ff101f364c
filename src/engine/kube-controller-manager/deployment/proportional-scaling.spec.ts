import fc from 'fast-check';
import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { proportionalSizes } from './proportional-scaling.js';

const labels = { app: 'web' };
const spec = { selector: { matchLabels: labels }, template: { metadata: { name: '', labels } } };

const deploymentOf = (replicas: number, maxSurge: number): Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { ...spec, replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable: 1 } } },
});

const setOf = (replicas: number, index: number, maxReplicas: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: {
    name: `web-${index}`,
    creationTimestamp: `2026-01-01T00:00:0${index}Z`,
    annotations: { 'deployment.kubernetes.io/max-replicas': String(maxReplicas) },
  },
  spec: { ...spec, replicas },
});

describe('proportional scaling', () => {
  it('gives each set its share, and the rest to the largest', () => {
    const sets = [setOf(10, 0, 23), setOf(5, 1, 23), setOf(8, 2, 23)];
    const sizes = proportionalSizes(deploymentOf(40, 6), sets).map(([{ metadata }, size]) => [metadata.name, size]);
    expect(Object.fromEntries(sizes)).toEqual({ 'web-0': 20, 'web-1': 10, 'web-2': 16 });
  });

  it('always ends at the allowed number, never below nothing', () => {
    const replicas = fc.integer({ min: 0, max: 50 });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 5 }),
        replicas,
        fc.integer({ min: 0, max: 10 }),
        (counts, wanted, surge) => {
          const before = counts.reduce((sum, each) => sum + each, 0);
          const sets = counts.map((count, index) => setOf(count, index, before));
          const sizes = proportionalSizes(deploymentOf(wanted, surge), sets).map(([, size]) => size);
          expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(wanted === 0 ? 0 : wanted + surge);
          expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
