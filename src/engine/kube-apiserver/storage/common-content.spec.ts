import { customResourceDefinition } from '../../kinds/custom-resource-definition.js';
import { pod } from '../../kinds/pod.js';
import type { KubeObject } from '../../machinery/object.js';
import { CommonContent } from './common-content.js';

const text = {
  encode: (value: string) => Buffer.from(value),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};
const common = new CommonContent([customResourceDefinition, pod], text);

const definition = (uid: string, group = 'example.com') =>
  ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}`, uid, annotations: { text: 'long' } },
    spec: { group },
    status: { conditions: null },
  }) as unknown as KubeObject & { readonly spec: object };
const specOf = (object: KubeObject) => (object as { readonly spec?: unknown }).spec;

describe('content in common', () => {
  it('is kept once', () => {
    const [one, other] = [common.stored(definition('a')), common.stored(definition('b'))];
    expect(specOf(other.object)).toBe(specOf(one.object));
    expect(other.object.metadata.annotations).toBe(one.object.metadata.annotations);
    expect(other.object).toEqual(definition('b'));
  });

  it('differs where the content does', () => {
    const other = common.stored(definition('c', 'other.example.com'));
    expect(other.object).toEqual(definition('c', 'other.example.com'));
  });

  it('is found again in what is read back from disk', () => {
    const one = common.stored(definition('d'));
    const restored = common.restored(
      `/registry/${customResourceDefinition.storagePrefix}/widgets.example.com`,
      one.bytes,
    );
    expect(restored?.object).toEqual(one.object);
    expect(specOf(restored!.object)).toBe(specOf(one.object));
    expect(text.decode(restored!.bytes)).toBe(text.decode(one.bytes));
  });

  it('is not sought in objects of other kinds', () => {
    expect(common.restored('/registry/pods/default/a', text.encode('{}'))).toBeUndefined();
  });
});
