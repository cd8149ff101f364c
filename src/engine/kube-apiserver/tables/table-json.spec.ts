import { createApiHarness, textCodec as text } from '../../../../test/support/engine-harness.js';
import { instant } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import { entriesAt } from '../storage/resource-storage.js';
import { rowOf, tableOf, type IncludeObject } from './table.js';
import { TableTexts } from './table-json.js';

const encode = (value: unknown): Uint8Array => text.encode(JSON.stringify(value));
const parsed = (bytes: Uint8Array): unknown => JSON.parse(text.decode(bytes));
const now = instant(Date.UTC(2026, 0, 2));
const metadata = { resourceVersion: '7' };

function storedPods(...notes: readonly string[]) {
  const { request, server } = createApiHarness();
  return notes.flatMap((note, index) => {
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    request('POST', '/api/v1/namespaces/default/pods', {
      metadata: { name: `p-${index}`, annotations: { note } },
      spec,
    });
    return entriesAt(server.storage, pod, `default/p-${index}`);
  });
}

describe("a Table's JSON", () => {
  it.each<IncludeObject>(['None', 'Metadata', 'Object'])('is that of the Table that carries %s', (include) => {
    const items = storedPods('plain', '"metadata":{}', 'ünïcode 日本');
    const options = { version: 'v1', include, now } as const;
    const rows = items.map(({ object }) => rowOf(pod, object, options));
    expect(items).toHaveLength(3);
    const expected = parsed(encode(tableOf(pod, { metadata, rows }, 'v1')));
    const tables = new TableTexts(text);
    expect(parsed(tables.of(pod, { metadata, items }, options))).toEqual(expected);
    // Without any encoding at hand, and with the definitions that were made before.
    const bare = items.map(({ object }) => ({ object }));
    expect(parsed(tables.of(pod, { metadata, items: bare }, options))).toEqual(expected);
  });

  it('has no rows where a kind says nothing of columns and nothing is shown', () => {
    const tables = new TableTexts(text);
    const options = { version: 'v1beta1', include: 'Metadata', now } as const;
    for (const kind of [pod, { columns: [] }]) {
      const expected = encode(tableOf(kind, { metadata, rows: [] }, 'v1beta1'));
      expect(tables.of(kind, { metadata, items: [] }, options)).toEqual(expected);
    }
  });
});
