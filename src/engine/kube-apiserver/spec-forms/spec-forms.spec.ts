import { createApiHarness } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { parseJson } from '../storage/stored-json.js';

const PODS = '/api/v1/namespaces/default/pods';
const container = { name: 'c', image: 'web:1', env: [{ name: 'A', value: 'a' }], resources: { limits: { cpu: '1' } } };

/** Pods that were created one after the other with these specs. */
function created(
  ...bodies: readonly { readonly name: string; readonly spec: object; readonly annotations?: object }[]
) {
  const { request, server } = createApiHarness();
  const answers = bodies.map(({ name, spec, annotations = {} }) =>
    request('POST', PODS, { metadata: { name, annotations }, spec }),
  );
  const stored = (name: string): Pod => server.storage.get(pod, `default/${name}`)!.object;
  return { request, server, answers, stored };
}

const three = (spec: object) => ['a', 'b', 'c'].map((name) => ({ name, spec }));
const tokenVolumeOf = ({ spec }: Pod): string => spec.volumes!.at(-1)!.name;

describe('specs that are alike', () => {
  it('share their parts from the second on, each with the token volume of its own', () => {
    const { stored, server } = created(...three({ containers: [container], volumes: [{ name: 'v', emptyDir: {} }] }));
    const [, b, c] = ['a', 'b', 'c'].map(stored) as [Pod, Pod, Pod];
    expect(c.spec.containers[0]!.env).toBe(b.spec.containers[0]!.env);
    expect(c.spec.volumes![0]).toBe(b.spec.volumes![0]);
    expect(c.spec).not.toBe(b.spec);
    expect(tokenVolumeOf(c)).not.toBe(tokenVolumeOf(b));
    expect(c.spec.containers[0]!.volumeMounts![0]!.name).toBe(tokenVolumeOf(c));
    for (const name of ['a', 'b', 'c']) {
      const { object, bytes } = server.storage.get(pod, `default/${name}`)!;
      expect(parseJson(new TextDecoder().decode(bytes))).toEqual(object);
    }
  });

  it('are told from those that differ anywhere, or in the order of their fields', () => {
    const spec = { containers: [container] };
    const other = { containers: [{ ...container, env: [{ name: 'A', value: 'b' }] }] };
    const { stored, server } = created(...three(spec), { name: 'd', spec: other }, { name: 'e', spec });
    expect(stored('d').spec.containers[0]!.env).toEqual([{ name: 'A', value: 'b' }]);
    expect(stored('e').spec.containers[0]!.env).toBe(stored('c').spec.containers[0]!.env);
    expect(new TextDecoder().decode(server.storage.get(pod, 'default/d')!.bytes)).toContain('"value":"b"');
  });

  it('keep what stands behind the drawn name of a volume apart', () => {
    const named = (suffix: string) => ({
      containers: [{ ...container, volumeMounts: [{ name: `kube-api-access-${suffix}`, mountPath: '/x' }] }],
      volumes: [{ name: `kube-api-access-${suffix}`, emptyDir: {} }],
      hostname: 'kube-api-access-aaaaa',
    });
    const bodies = ['aaaaa', 'aaaaa', 'aaaaa', 'bbbbb'].map((suffix, at) => ({ name: `p${at}`, spec: named(suffix) }));
    const { stored } = created(...bodies);
    expect(stored('p3').spec.hostname).toBe('kube-api-access-aaaaa');
    expect(stored('p3').spec.containers[0]!.volumeMounts![0]!.name).toBe('kube-api-access-bbbbb');
  });

  it('are judged by their annotations and names all the same', () => {
    const spec = { containers: [container] };
    const { answers } = created(
      ...three(spec),
      { name: 'd', spec, annotations: { 'container.apparmor.security.beta.kubernetes.io/none': 'unconfined' } },
      { name: 'E', spec },
      { name: 'with.dots', spec },
    );
    expect(answers.slice(3).map(({ status }) => status)).toEqual([422, 422, 201]);
    expect(answers[5]!.headers['warning']).toEqual([expect.stringContaining('a DNS label is recommended')]);
  });

  it('warn of the same things', () => {
    const spec = {
      containers: [
        {
          ...container,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      ],
    };
    const { answers } = created(...three(spec));
    const warnings = answers.map(({ headers }) => headers['warning']);
    expect(warnings[0]).toEqual([expect.stringContaining('hides previous definition')]);
    expect(warnings).toEqual([warnings[0], warnings[0], warnings[0]]);
  });

  it('are changed one at a time', () => {
    const { request, stored } = created(...three({ containers: [container], tolerations: [] }));
    const before = stored('c').spec;
    request(
      'PATCH',
      `${PODS}/b`,
      { spec: { containers: [{ name: 'c', image: 'web:2' }] } },
      {
        'content-type': 'application/strategic-merge-patch+json',
      },
    );
    const target = { apiVersion: 'v1', kind: 'Node', name: 'worker-1' };
    expect(request('POST', `${PODS}/c/binding`, { metadata: { name: 'c' }, target }).status).toBe(201);
    expect(stored('b').spec.containers[0]!.image).toBe('web:2');
    expect(stored('c').spec).toEqual({ ...before, nodeName: 'worker-1' });
    expect(stored('a').spec.containers[0]!.image).toBe('web:1');
  });

  it('are not kept where they are large, or their likeness is', () => {
    const large = { containers: [{ ...container, env: [{ name: 'A', value: 'x'.repeat(40_000) }] }] };
    const far = { containers: [{ ...container, image: `example.com/${'x/'.repeat(600)}web:1` }] };
    for (const spec of [large, far]) {
      const { stored } = created(...three(spec));
      expect(stored('c').spec.containers[0]!.env).toEqual(stored('b').spec.containers[0]!.env);
      expect(stored('c').spec.containers[0]!.env).not.toBe(stored('b').spec.containers[0]!.env);
    }
  });

  it('may come again when they were forgotten', () => {
    const spec = { containers: [container] };
    const others = Array.from({ length: 70 }, (_, at) => ({
      name: `other-${at}`,
      spec: { containers: [{ ...container, image: `other:${at}` }] },
    }));
    const { stored, answers } = created(...three(spec), ...others, ...['x', 'y', 'z'].map((name) => ({ name, spec })));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(stored('z').spec.containers[0]!.env).toBe(stored('y').spec.containers[0]!.env);
  });
});
