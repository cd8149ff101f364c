/** What requests that lack or misplace something are told, where upstream's order of doing things shows in its words. */
import { createApiHarness } from '../../../test/support/engine-harness.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MEMOS = '/apis/example.com/v1/namespaces/default/memos';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

const version = (spec: object) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } } },
});
const definition = (versions: readonly object[], metadata: object = { name: 'memos.example.com' }) => ({
  metadata,
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'memos', kind: 'Memo' }, versions },
});

const memo = (metadata: unknown, rest: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Memo',
  metadata,
  ...rest,
});

function serverWithMemos() {
  const { loop, request } = createApiHarness();
  const rule = { type: 'integer', maximum: 5, 'x-kubernetes-validations': [{ rule: 'self > 0' }] };
  const key = { type: 'object', required: ['k'], properties: { k: { type: 'string' } } };
  const list = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: key };
  request('POST', DEFINITIONS, definition([version({ n: rule, list })]));
  loop.run(loop.now, () => true);
  const told = (method: string, path: string, body: object, headers?: Record<string, string>): string =>
    String(request(method, path, body, headers).json.message);
  return { request, told };
}

describe('an odd request', () => {
  it('is told that a name is missing, and not what the name should be', () => {
    const { told } = serverWithMemos();
    const missing = 'metadata.name: Required value: name or generateName is required';
    expect(told('POST', DEFINITIONS, definition([version({})], {}))).toBe(
      `CustomResourceDefinition.apiextensions.k8s.io "" is invalid: ${missing}`,
    );
    const spec = { group: 'a.io', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 };
    const services = '/apis/apiregistration.k8s.io/v1/apiservices';
    expect(told('POST', services, { metadata: {}, spec })).toBe(
      `APIService.apiregistration.k8s.io "" is invalid: ${missing}`,
    );
    expect(told('POST', services, { metadata: { name: 'V1.a.io' }, spec })).toContain(
      'is invalid: metadata.name: Invalid value: "V1.a.io": must be `spec.version+"."+spec.group`: "v1.a.io"',
    );
  });

  it('gets a name of the server where upstream gives one', () => {
    const { request } = serverWithMemos();
    const { status, json } = request('POST', '/api/v1/namespaces/default/limitranges', { spec: { limits: [] } });
    expect([status, json.metadata.name]).toEqual([201, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  });

  it('names a storage version twice, which counts once', () => {
    const { told } = serverWithMemos();
    expect(told('POST', DEFINITIONS, definition([version({}), version({})]))).toContain(
      'status.storedVersions: Invalid value: ["v1"]: must have the storage version v1',
    );
  });

  it('has metadata that nobody can read, whatever version it is of', () => {
    const { told } = serverWithMemos();
    expect(told('POST', MEMOS, memo('x', { apiVersion: 'example.com/v9' }))).toBe(
      'Memo in version "v9" cannot be handled as a Memo: json: cannot unmarshal string into Go value of type v1.ObjectMeta',
    );
  });

  it('leaves rules unchecked, if its metadata lack what they must have', () => {
    const { told } = serverWithMemos();
    expect(told('POST', MEMOS, memo({}, { spec: { n: 6 } }))).toMatch(
      /name or generateName is required.*<nil>: Invalid value: null: some validation rules were not checked/,
    );
  });

  it('has no scalars for keys of a list', () => {
    const { told } = serverWithMemos();
    const spec = { list: [{ k: { a: 'b', c: ['d', 1] } }] };
    expect(told('PATCH', `${MEMOS}/a?fieldManager=m`, memo({ name: 'a' }, { spec }), APPLY)).toContain(
      '.spec.list[k=a="b"c=["d",1]].k: expected string, got',
    );
  });

  it('has conditions that are looked at before storage is, if it is a dry run', () => {
    const { told } = serverWithMemos();
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    const body = { metadata: { name: 'default', uid: 'other' } };
    expect(told('PUT', path, body)).toContain('Key: /registry/serviceaccounts/default/default,');
    expect(told('PUT', `${path}?dryRun=All`, body)).toContain('Key: /serviceaccounts/default/default,');
  });

  it('selects fields by a path with a token that is no step', () => {
    const { told } = serverWithMemos();
    const selecting = (jsonPath: string) =>
      told(
        'POST',
        DEFINITIONS,
        definition([{ ...version({ a: { type: 'string' } }), selectableFields: [{ jsonPath }] }]),
      );
    expect(selecting('system:x.y')).toContain('is an invalid path: expected [ or . but got: system:x');
    expect(selecting("'a.b'.c")).toContain("is an invalid path: expected [ or . but got: 'a.b'");
    expect(selecting('.spec.')).toContain('is an invalid path: unexpected end of JSON path');
    expect(selecting('.spec[a]')).toContain('is an invalid path: array notation is not allowed');
  });
});
