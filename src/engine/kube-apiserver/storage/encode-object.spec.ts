import { createApiHarness } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import type { KubeObject } from '../../machinery/object.js';
import { encodeObject } from './encode-object.js';

const PODS = '/api/v1/namespaces/default/pods';

describe('encodeObject', () => {
  it('writes what JSON.stringify does', () => {
    const { request, server } = createApiHarness();
    request('POST', PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    request(
      'PATCH',
      `${PODS}/p/status`,
      { status: { phase: 'Running' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    const { object } = server.storage.get(pod, 'default/p')!;
    expect(object.metadata.managedFields).toHaveLength(2);
    expect(encodeObject(object)).toBe(JSON.stringify(object));
  });

  it('writes managers that came from elsewhere, and integers beyond a double', () => {
    const fieldsV1 = { 'f:data': { '.': {}, 'f:"': {} } };
    const metadata = { name: 'a', managedFields: [{ manager: 'x', fieldsType: 'FieldsV1', fieldsV1 }] };
    const object = { kind: 'K', apiVersion: 'v1', metadata, count: 9_007_199_254_740_993n, none: undefined };
    expect(encodeObject(object as KubeObject)).toBe(
      `{"kind":"K","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"count":9007199254740993}`,
    );
  });
});
