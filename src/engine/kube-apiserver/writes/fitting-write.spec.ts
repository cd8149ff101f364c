import { createApiHarness, type HarnessAnswer, type Json } from '../../../../test/support/engine-harness.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
/** Each byte counts so often that about 1,500 of them are too many for one request. */
const WEIGHT = 1_024;

const harness = (quotaBytes?: number) =>
  createApiHarness({
    limits: {
      quotaBytes,
      sizeOf: ({ bytes }) => bytes.length * WEIGHT,
      requestSizeOf: ({ bytes }) => bytes.length * WEIGHT,
    },
  });

/** Of about `size` bytes in the store, a third of them managers. */
const wide = (size: number): Json =>
  Object.fromEntries(Array.from({ length: size / 30 }, (_, index) => [`key-${String(index).padStart(3, '0')}`, 'x']));

const told = ({ status, json }: HarnessAnswer): unknown => [status, json.message, json.reason];

describe('an object that is large', () => {
  it('is stored without its managers where it fits without', () => {
    const { request } = harness();
    const { status, json } = request('POST', MAPS, { metadata: { name: 'c' }, data: wide(1_500) });
    expect([status, Object.keys(json.data).length, json.metadata.managedFields]).toEqual([201, 50, undefined]);
    const small = request('POST', MAPS, { metadata: { name: 'd' }, data: wide(300) });
    expect(small.json.metadata.managedFields).toHaveLength(1);
    const grown = request('PATCH', `${MAPS}/d`, { data: wide(1_500) }, MERGE);
    expect([grown.status, grown.json.metadata.managedFields]).toEqual([200, undefined]);
  });

  it("is refused in etcd's words where it does not, and an applied one at once", () => {
    const { request } = harness();
    const refusal = [500, 'etcdserver: request is too large', undefined];
    expect(told(request('POST', MAPS, { metadata: { name: 'c' }, data: { a: 'x'.repeat(1_400) } }))).toEqual(refusal);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: wide(1_500) };
    expect(told(request('PATCH', `${MAPS}/c?fieldManager=m`, config, APPLY))).toEqual(refusal);
    expect(request('GET', `${MAPS}/c`).status).toBe(404);
  });

  it('is not even sent where it is larger still', () => {
    const { json } = harness().request('POST', MAPS, { metadata: { name: 'c' }, data: { a: 'x'.repeat(3_000) } });
    expect(json.message).toMatch(
      /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d+ vs\. 2097152\)$/,
    );
  });
});

describe('a full database', () => {
  it('refuses what would grow it, and lets go', () => {
    const { request } = harness(4_000 * WEIGHT);
    const statuses: number[] = [];
    for (let index = 0; index < 9; index++) {
      statuses.push(request('POST', MAPS, { metadata: { name: `c${index}` }, data: { a: 'x'.repeat(500) } }).status);
    }
    expect(new Set(statuses)).toEqual(new Set([201, 500]));
    const refused = request('POST', MAPS, { metadata: { name: 'last' }, data: { a: 'x'.repeat(500) } });
    expect(told(refused)).toEqual([500, 'etcdserver: mvcc: database space exceeded', undefined]);
    expect(request('DELETE', `${MAPS}/c0`).status).toBe(200);
  });
});
