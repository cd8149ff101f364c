import type { PodSpec } from '../../machinery/api/core-v1.js';
import { podWarnings } from './pod-warnings.js';

const specOf = (spec: object): PodSpec => ({ containers: [{ name: 'main', image: 'app:1' }], ...spec });

describe('podWarnings', () => {
  it('is silent about a plain pod', () => {
    expect(podWarnings(specOf({}), {})).toEqual([]);
  });

  it.each<readonly [spec: object, warning: string]>([
    [
      { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ],
    [
      { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }] },
      'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
    ],
    [
      { volumes: [{ name: 'v', gitRepo: { repository: 'r' } }] },
      'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+',
    ],
    [
      {
        volumes: [
          {
            name: 'v',
            configMap: {
              name: 'c',
              items: [
                { key: 'a', path: 'x' },
                { key: 'b', path: 'x/y' },
              ],
            },
          },
        ],
      },
      'volume "v" (ConfigMap "c"): overlapping paths: "x/y" with "x"',
    ],
    [{ imagePullSecrets: [{}] }, 'spec.imagePullSecrets[0].name: invalid empty name ""'],
    [
      { containers: [{ name: 'a', resources: { limits: { memory: '500m' } } }] },
      'spec.containers[0].resources.limits[memory]: fractional byte value "500m" is invalid, must be an integer',
    ],
    [
      {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'A', value: 'x' },
              { name: 'A', value: 'y' },
            ],
          },
        ],
      },
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ],
    [
      { containers: [{ name: 'a', ports: [{ containerPort: 1 }, { containerPort: 1 }] }] },
      'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    ],
  ])('warns of %j', (spec, warning) => {
    expect(podWarnings(specOf(spec), {})).toEqual([warning]);
  });

  it('lets a variable build on an earlier one', () => {
    const env = [
      { name: 'A', value: 'x' },
      { name: 'A', value: '$(A):y' },
    ];
    expect(podWarnings(specOf({ containers: [{ name: 'a', env }] }), {})).toEqual([]);
  });

  it('names where a template stands', () => {
    const annotations = { 'scheduler.alpha.kubernetes.io/critical-pod': '' };
    expect(podWarnings(specOf({}), { annotations }, 'spec.template.')).toEqual([
      'spec.template.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
    ]);
  });
});
