import { createApiHarness } from '../../../../test/support/engine-harness.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MEMOS = '/apis/example.com/v1/namespaces/default/memos';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const properties = {
  spec: { type: 'object', properties: { when: { type: 'string', format: 'ipv4' }, count: { type: 'integer' } } },
  status: { type: 'object', properties: { ready: { type: 'boolean' } } },
};

function serverWithMemos() {
  const { loop, request } = createApiHarness();
  const names = { plural: 'memos', kind: 'Memo' };
  const schema = { openAPIV3Schema: { type: 'object', properties } };
  const version = { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema };
  request('POST', DEFINITIONS, {
    metadata: { name: 'memos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version] },
  });
  loop.run(loop.now, () => true);
  const create = (name: string, rest: object) =>
    request('POST', MEMOS, { apiVersion: 'example.com/v1', kind: 'Memo', metadata: { name }, ...rest });
  return { request, create };
}

const OWNED = { 'f:spec': { '.': {}, 'f:count': {} } };

describe('owners of fields', () => {
  it('are those of the object at hand, whatever was refused before it', () => {
    const { create } = serverWithMemos();
    expect(create('a', { spec: ['x'] }).status).toBe(422);
    expect(create('b', { spec: { count: 1 } }).json.metadata.managedFields[0].fieldsV1).toEqual(OWNED);
  });

  it('are nobody while a value is let in that is not of its type', () => {
    const { request, create } = serverWithMemos();
    const created = create('a', { spec: { count: 1 }, status: { ready: 'no' } });
    expect([created.status, created.json.metadata.managedFields]).toEqual([201, undefined]);
    const known = create('b', { spec: { count: 1 } });
    expect(known.json.metadata.managedFields[0].fieldsV1).toEqual(OWNED);
    const patched = request('PATCH', `${MEMOS}/b`, { status: { ready: 'no' } }, MERGE);
    expect([patched.status, patched.json.metadata.managedFields]).toEqual([200, undefined]);
  });
});
