import {
  configMapOf,
  CONFIG_MAPS,
  patchOf,
  webhookHarness,
  type WebhookAnswer,
} from '../../../../../test/support/webhook-harness.js';

const AGENT = { 'user-agent': 'me/1.0' };
const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

function created(answer: WebhookAnswer, body: object = configMapOf()) {
  const { request, configure } = webhookHarness({ a: answer });
  configure('Mutating', ['a']);
  return request('POST', CONFIG_MAPS, body, AGENT);
}

describe('what a webhook changes', () => {
  it('is owned by nobody: managers are told before admission', () => {
    const { json } = created(() => patchOf([add('/data/b', '2')]));
    expect(json.data).toEqual({ a: '1', b: '2' });
    expect(json.metadata.managedFields).toMatchObject([
      { manager: 'me', fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } },
    ]);
    expect(json.metadata.managedFields[0].fieldsV1['f:data']).not.toHaveProperty('f:b');
  });

  it('may be the managers', () => {
    const { json } = created(() => patchOf([add('/metadata/managedFields/0/manager', 'hook')]));
    expect(json.metadata.managedFields).toMatchObject([{ manager: 'hook' }]);
  });

  it.each([
    ['operation must be `Apply` or `Update`', 'operation', 'Create'],
    ['apiVersion must not be empty', 'apiVersion', ''],
    ['missing fieldsType in managed fields entry 0', 'fieldsType', ''],
    ['invalid fieldsType "FieldsV2" in managed fields entry 0', 'fieldsType', 'FieldsV2'],
  ])('counts for nothing where it breaks the managers: %s', (fault, field, value) => {
    const { json, headers } = created(() =>
      patchOf([add(`/metadata/managedFields/0/${field}`, value), add('/data/b', '2')]),
    );
    expect(json.data.b).toBe('2');
    expect(json.metadata.managedFields).toMatchObject([{ manager: 'me', operation: 'Update', apiVersion: 'v1' }]);
    expect(headers['warning']).toEqual([
      `299 - ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${fault.replaceAll('"', '\\"')}"`,
    ]);
  });

  it('has its defaults', () => {
    const { request, configure } = webhookHarness({
      a: () => patchOf([add('/spec/containers/-', { name: 'sidecar', image: 'i' })]),
    });
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
    configure('Mutating', ['a'], { rules });
    const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
    const { spec } = request('POST', '/api/v1/namespaces/default/pods', pod).json;
    expect(spec.containers[1]).toMatchObject({
      name: 'sidecar',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'Always',
    });
  });

  it('is validated as everything else', () => {
    const { json } = created(() => patchOf([add('/data/bad key', '')]));
    expect([json.code, json.details.causes[0].field]).toEqual([422, 'data[bad key]']);
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/data/a', value: '2' }]],
    ['a path that is not there', [{ op: 'remove', path: '/data/none' }]],
    ['what no longer is the kind', [{ op: 'replace', path: '/data', value: 'text' }]],
  ])('is an internal error where it is %s', (_what, operations) => {
    expect(created(() => patchOf(operations)).json).toMatchObject({ code: 500, reason: 'InternalError' });
  });
});

describe('owners that are named twice', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' };
  const said = (when: string): string =>
    `299 - ".metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: u"`;

  it('by the client are named once', () => {
    const body = configMapOf({ metadata: { name: 'm', ownerReferences: [owner, owner] } });
    const { json, headers } = created(() => ({ allowed: true }), body);
    expect([json.metadata.ownerReferences, headers['warning']]).toEqual([[owner], [said('')]]);
  });

  it('by a webhook are, too', () => {
    const body = configMapOf({ metadata: { name: 'm', ownerReferences: [owner] } });
    const { json, headers } = created(() => patchOf([add('/metadata/ownerReferences/-', owner)]), body);
    const after = said(' after mutating admission happens');
    expect([json.metadata.ownerReferences, headers['warning']]).toEqual([[owner], [after]]);
  });
});

describe('a second round', () => {
  /** Webhooks in order, each with its policy and what it adds to the list of who was there. */
  function rounds(policies: Readonly<Record<string, 'Never' | 'IfNeeded'>>, changes: readonly string[]) {
    const answers = Object.fromEntries(
      Object.keys(policies).map((name): [string, WebhookAnswer] => [
        name,
        ({ object }) =>
          changes.includes(name) && object.data[name] === undefined
            ? patchOf([add(`/data/${name}`, 'x')])
            : { allowed: true },
      ]),
    );
    const { request, configure, asked } = webhookHarness(answers);
    for (const [name, reinvocationPolicy] of Object.entries(policies))
      configure('Mutating', [name], { reinvocationPolicy });
    expect(request('POST', CONFIG_MAPS, configMapOf()).status).toBe(201);
    return asked.join('');
  }

  it.each<readonly [string, Readonly<Record<string, 'Never' | 'IfNeeded'>>, readonly string[]]>([
    ['ab', { a: 'IfNeeded', b: 'IfNeeded' }, []],
    ['ab', { a: 'Never', b: 'Never' }, ['b']],
    ['aba', { a: 'IfNeeded', b: 'Never' }, ['b']],
    ['aba', { a: 'IfNeeded', b: 'IfNeeded' }, ['b']],
    ['ab', { a: 'IfNeeded', b: 'IfNeeded' }, ['a']],
    ['abcb', { a: 'Never', b: 'IfNeeded', c: 'Never' }, ['c']],
    ['abcab', { a: 'IfNeeded', b: 'IfNeeded', c: 'IfNeeded' }, ['a', 'c']],
  ])('asks %s where %j and %j change something', (order, policies, changes) => {
    expect(rounds(policies, changes)).toBe(order);
  });
});
