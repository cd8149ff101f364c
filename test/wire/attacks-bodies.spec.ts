import { jest } from '@jest/globals';
import { Bystander } from '../support/bystander.js';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(180_000);

const CORE = '/api/v1/namespaces/default';
const CONFIG_MAPS = `${CORE}/configmaps`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const POLICIES = '/apis/admissionregistration.k8s.io/v1';
const YAML = { 'content-type': 'application/yaml' };
const ANSWER_MS_MAX = 30_000;

let server: TestServer;
let bystander: Bystander;
let target: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  bystander = await Bystander.of(server);
  target = await TestCluster.create(server, { name: 'target' });
});
afterEach(() => bystander.isUnharmed(target.kubernetes));
afterAll(() => TestServer.stopAll());

/** What came of a request, which must not take long, whatever it is answered. */
async function send(method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const begun = Date.now();
  const { status, text } = await target.kubernetes.send(method, path, body, headers);
  expect(Date.now() - begun).toBeLessThan(ANSWER_MS_MAX);
  expect(text).not.toMatch(/RangeError|Maximum call stack|heap|\n\s+at /);
  return { status, text };
}

const definition = (plural: string, spec: object) => ({
  metadata: { name: `${plural}.attack.example.com` },
  spec: {
    group: 'attack.example.com',
    scope: 'Namespaced',
    names: { plural, kind: `K${plural}` },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      },
    ],
  },
});

/** Serves objects whose `spec` is such. Gives what creates one. */
async function serving(plural: string, spec: object) {
  const { status, text } = await send('POST', DEFINITIONS, definition(plural, spec));
  expect([status, status === 201 || text.slice(0, 500)]).toEqual([201, true]);
  return served(plural);
}

async function served(plural: string) {
  const path = `/apis/attack.example.com/v1/namespaces/default/${plural}`;
  await eventually(async () => expect((await target.kubernetes.send('GET', path)).status).toBe(200));
  let count = 0;
  return (value: unknown) => {
    const object = { apiVersion: 'attack.example.com/v1', kind: `K${plural}`, metadata: { name: `o${count++}` } };
    return send('POST', path, { ...object, spec: value });
  };
}

describe('a pattern', () => {
  it.each([
    ['nested repetitions', 'nested', '^(a+)+$'],
    ['alternatives that overlap', 'overlapping', '^(a|a|aa)+$'],
    ['a chain of wildcards', 'wild', '(.*a){20}b'],
    ['classic e-mail', 'mail', '^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3}))$'],
  ])('that backtracks elsewhere is matched in linear time: %s', async (_what, plural, pattern) => {
    const create = await serving(plural, { type: 'object', properties: { s: { type: 'string', pattern } } });
    expect((await create({ s: `${'a'.repeat(200_000)}!` })).status).toBe(422);
  });

  it.each(['duration', 'email', 'uri', 'hostname', 'byte', 'date-time', 'cidr', 'creditcard'])(
    'of the format %s is matched in linear time',
    async (format) => {
      const create = await serving(format.replace('-', ''), { type: 'string', format });
      for (const seed of ['1', ' ', 'a.', '-', '@', '1 ']) {
        expect([201, 422]).toContain((await create(`${seed.repeat(400_000 / seed.length)}!`)).status);
      }
    },
  );

  it('that is long, beside texts that are, is given up', async () => {
    const pattern = '(?:a*)*'.repeat(2_000);
    const items = { type: 'string', pattern };
    const create = await serving('long', { type: 'array', items });
    const { status, text } = await create(Array.from({ length: 300 }, () => 'a'.repeat(4_000)));
    expect([status, text.includes('there is too much to match with it')]).toEqual([422, true]);
  });

  it.each(['(a{1000}){1000}', '('.repeat(3_000) + ')'.repeat(3_000), '(?=a)', '(a)\\1'])(
    'that RE2 does not take is no pattern',
    async (pattern) => {
      const body = definition('refused', { type: 'string', pattern });
      const { status, text } = await send('POST', DEFINITIONS, body);
      expect([status, text.slice(0, 300)]).toEqual([422, expect.stringContaining('spec.validation.openAPIV3Schema')]);
    },
  );

  it('of a policy cannot hold the cluster either', async () => {
    const { status } = await send('POST', `${POLICIES}/validatingadmissionpolicies`, {
      metadata: { name: 'backtracking' },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        },
        matchConditions: [{ name: 'own', expression: `object.metadata.name == 'backtracking'` }],
        validations: [{ expression: `!object.data['s'].matches('^(a+)+$')` }],
      },
    });
    expect(status).toBe(201);
    const binding = { policyName: 'backtracking', validationActions: ['Deny'] };
    await send('POST', `${POLICIES}/validatingadmissionpolicybindings`, {
      metadata: { name: 'backtracking' },
      spec: binding,
    });
    const body = { metadata: { name: 'backtracking' }, data: { s: `${'a'.repeat(500_000)}b` } };
    expect([201, 422]).toContain((await send('POST', CONFIG_MAPS, body)).status);
  });

  it.each(['a'.repeat(100_000), `${'a,'.repeat(50_000)}a`, `${'!'.repeat(50_000)}a`, `a in (${'b,'.repeat(40_000)}b)`])(
    'of labels and fields may be long',
    async (selector) => {
      const post = (option: string) => `${CORE}/pods?${option}=${encodeURIComponent(selector)}`;
      for (const option of ['labelSelector', 'fieldSelector']) {
        const answer = await target.kubernetes.send('GET', post(option)).catch(() => undefined);
        if (answer !== undefined) expect([200, 400, 414, 431]).toContain(answer.status);
      }
    },
  );
});

describe('a rule', () => {
  const rule = (expression: string, properties: object) => ({
    type: 'object',
    properties,
    'x-kubernetes-validations': [{ rule: expression }],
  });
  const numbers = { l: { type: 'array', items: { type: 'integer' } } };

  it('that could cost too much is refused when it is written', async () => {
    const nested = 'self.l.all(a, self.l.all(b, self.l.all(c, a + b + c > 0)))';
    const { status, text } = await send('POST', DEFINITIONS, definition('bomb', rule(nested, numbers)));
    expect(status).toBe(422);
    expect(text).toContain('estimated rule cost exceeds budget by factor of more than 100x');
    expect(text).toContain('contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema');
  });

  it.each([
    ['doubles texts', 'doubling', `[self.s].map(a, a + a).map(a, a + a).map(a, a + a).all(a, a.size() > 0)`],
    ['makes a text of the square of its length', 'squaring', `self.s.replace('', self.s).size() > 0`],
    ['makes a text of its fourth power', 'power', `self.s.replace('a', self.s).replace('a', self.s).size() > 0`],
    ['compares all with all', 'comparing', `self.s.split('').distinct().size() > 0`],
  ])('that %s is refused, or ends', async (_what, plural, expression) => {
    const lengthMax = 2_000;
    const schema = rule(expression, { s: { type: 'string', maxLength: lengthMax } });
    const { status } = await send('POST', DEFINITIONS, definition(plural, schema));
    if (status === 422) return;
    const create = await served(plural);
    expect([201, 422]).toContain((await create({ s: 'a'.repeat(lengthMax) })).status);
  });

  it('of each of very many items finds the former ones at once', async () => {
    const item = { type: 'object', properties: { k: { type: 'integer' }, v: { type: 'integer' } }, required: ['k'] };
    const create = await serving('items', {
      type: 'array',
      maxItems: 60_000,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { ...item, 'x-kubernetes-validations': [{ rule: 'self.v >= oldSelf.v' }] },
    });
    const items = (v: number) => Array.from({ length: 40_000 }, (_none, k) => ({ k, v }));
    expect((await create(items(1))).status).toBe(201);
    const path = '/apis/attack.example.com/v1/namespaces/default/items/o0';
    const merge = { 'content-type': 'application/merge-patch+json' };
    expect((await send('PATCH', path, { spec: items(2).reverse() }, merge)).status).toBe(200);
  });

  it.each([
    ['brackets', '('.repeat(60_000)],
    ['signs', `${'!'.repeat(90_000)}true`],
    ['sums', `1${' + 1'.repeat(20_000)} > 0`],
    ['alternatives', `${'self.l == [] || '.repeat(5_000)}true`],
    ['choices', `${'true ? '.repeat(5_000)}true${' : true'.repeat(5_000)}`],
    ['lists', `${'['.repeat(40_000)}${']'.repeat(40_000)}.size() == 1`],
    ['macros', `${'[1].all(x, '.repeat(3_000)}true${')'.repeat(3_000)}`],
  ])('of thousands of %s is refused or taken', async (what, expression) => {
    const { status } = await send('POST', DEFINITIONS, definition(`rule${what}`, rule(expression, numbers)));
    expect([201, 422]).toContain(status);
  });

  it('of a policy cannot hold the cluster either', async () => {
    await send('POST', `${POLICIES}/validatingadmissionpolicies`, {
      metadata: { name: 'nested' },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
        },
        matchConditions: [{ name: 'own', expression: `object.metadata.name == 'nested'` }],
        validations: [{ expression: `object.data.all(a, object.data.all(b, object.data.all(c, a + b + c != '')))` }],
      },
    });
    await send('POST', `${POLICIES}/validatingadmissionpolicybindings`, {
      metadata: { name: 'nested' },
      spec: { policyName: 'nested', validationActions: ['Deny'] },
    });
    const data = Object.fromEntries(Array.from({ length: 5_000 }, (_none, index) => [`k${index}`, '']));
    await eventually(async () => {
      const { status, text } = await send('POST', CONFIG_MAPS, { metadata: { name: 'nested' }, data });
      expect([status, text]).toEqual([422, expect.stringContaining('cost limit exceeded')]);
    });
  });
});

describe('a schema', () => {
  /** Schemas in schemas, as a text: no client could write most of them. */
  const deep = (plural: string, depth: number, [before, after]: readonly [string, string]): string => {
    const inner = `${before.repeat(depth)}{"type":"string"}${after.repeat(depth)}`;
    return JSON.stringify(definition(plural, { $ref: 'HERE' })).replace('{"$ref":"HERE"}', inner);
  };
  const WRAPPINGS = {
    objects: ['{"type":"object","properties":{"a":', '}}'],
    lists: ['{"type":"array","items":', '}'],
    maps: ['{"type":"object","additionalProperties":', '}'],
    negations: ['{"type":"object","not":', '}'],
    alternatives: ['{"type":"object","anyOf":[', ']}'],
  } as const;

  it.each(Object.keys(WRAPPINGS).flatMap((what) => [390, 3_000, 9_000, 60_000].map((depth) => [what, depth] as const)))(
    'of %s, %i deep, is taken or refused',
    async (what, depth) => {
      const wrapping = WRAPPINGS[what as keyof typeof WRAPPINGS];
      const { status } = await send('POST', DEFINITIONS, deep(`${what}${depth}`, depth, wrapping));
      expect([201, 400, 413, 422]).toContain(status);
      if (depth > 1_000) expect(status).not.toBe(201);
    },
  );

  it('of very many fields is taken, and its objects are', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 10_000 }, (_none, index) => [`field${index}`, { type: 'string', default: 'x' }]),
    );
    const create = await serving('wide', { type: 'object', properties });
    expect((await create({})).status).toBe(201);
  });

  it('of alternatives in alternatives is tried in time', async () => {
    let schema: object = { required: ['never'] };
    for (let level = 0; level < 14; level++) schema = { anyOf: [schema, schema] };
    const create = await serving('trying', { type: 'object', ...schema });
    expect((await create({})).status).toBe(422);
  });

  it('tells of no more faults than can be read', async () => {
    const create = await serving('faulty', { type: 'array', items: { type: 'string' } });
    const { status, text } = await create(Array.from({ length: 300_000 }, (_none, index) => index));
    expect(status).toBe(422);
    expect(text.length).toBeLessThan(20_000_000);
  });

  it('that refers elsewhere is refused', async () => {
    const { status } = await send('POST', DEFINITIONS, definition('refers', { $ref: 'http://169.254.169.254/' }));
    expect(status).toBe(422);
  });
});

describe('a body', () => {
  const laughs = (levels: number): string => {
    const lines = ['a0: &a0 ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]'];
    for (let level = 1; level < levels; level++) {
      lines.push(`a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(',')}]`);
    }
    return lines.join('\n');
  };

  it.each([
    ['a billion laughs', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: laughs}\n${laughs(10)}\n`],
    ['an alias of itself', 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: self, labels: *m}\n'],
    ['merges of merges', `a: &a {x: 1}\n${Array.from({ length: 5_000 }, () => '<<: *a').join('\n')}\n`],
    ['deep flow lists', `apiVersion: v1\nkind: ConfigMap\ndata: ${'['.repeat(50_000)}`],
    ['deep blocks', Array.from({ length: 1_500 }, (_none, level) => `${' '.repeat(level)}a:`).join('\n')],
    ['many documents', 'a: 1\n---\n'.repeat(50_000)],
    ['keys that are lists', `? ${'['.repeat(2_000)}${']'.repeat(2_000)}\n: 1\n`],
    ['tags that make things', 'metadata: !!js/function "function() { process.exit() }"\n'],
  ])('of YAML with %s is refused', async (_what, body) => {
    const { status } = await send('POST', CONFIG_MAPS, body, YAML);
    expect([400, 413, 415, 422]).toContain(status);
  });

  it.each([
    ['lists', '['.repeat(500_000)],
    ['objects', '{"a":'.repeat(300_000)],
    ['labels', `{"metadata":{"name":"x","labels":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}`],
    ['unknown fields', `{"metadata":{"name":"x"},"x":${'[['.repeat(50_000)}${']]'.repeat(50_000)}}`],
    [
      'field ownership',
      `{"metadata":{"name":"x","managedFields":[{"fieldsV1":${'{"f:a":'.repeat(40_000)}{}${'}'.repeat(40_000)}}]}}`,
    ],
  ])('of JSON that nests %s is refused', async (_what, body) => {
    const { status } = await send('POST', CONFIG_MAPS, body);
    expect([400, 413, 422]).toContain(status);
  });

  it('of a custom resource may not nest without end', async () => {
    const create = await serving('open', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    expect((await create(nested(900))).status).toBe(201);
    expect((await create(nested(2_000))).status).toBe(400);
    const text = `${'{"a":'.repeat(9_900)}1${'}'.repeat(9_900)}`;
    const path = '/apis/attack.example.com/v1/namespaces/default/open';
    const body = `{"apiVersion":"attack.example.com/v1","kind":"Kopen","metadata":{"name":"deep"},"spec":${text}}`;
    expect((await send('POST', path, body)).status).toBe(400);
  });

  it.each([
    ['a merge patch', 'application/merge-patch+json', `{"data":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`],
    ['a strategic patch', 'application/strategic-merge-patch+json', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['a JSON patch', 'application/json-patch+json', `[{"op":"test","path":"${'/a'.repeat(200_000)}","value":1}]`],
    ['an applied configuration', 'application/apply-patch+yaml', `data: ${'['.repeat(50_000)}`],
    ['an applied bomb', 'application/apply-patch+yaml', laughs(9)],
  ])('of %s that nests deeply is refused', async (_what, type, body) => {
    const path = `${CONFIG_MAPS}/kube-root-ca.crt?fieldManager=m&force=true`;
    const { status } = await send('PATCH', path, body, { 'content-type': type });
    expect([400, 413, 415, 422, 500]).toContain(status);
  });

  it('that copies itself by a patch ends', async () => {
    const operations = [{ op: 'add', path: '/data', value: { a: 'x'.repeat(1_000) } }];
    for (let index = 0; index < 40; index++) {
      operations.push({ op: 'copy', from: '/data', path: `/data/b${index}` } as never);
    }
    const path = `${CONFIG_MAPS}/kube-root-ca.crt`;
    const { status } = await send('PATCH', path, operations, { 'content-type': 'application/json-patch+json' });
    expect([400, 413, 422]).toContain(status);
  });

  it('of prototypes changes no prototype', async () => {
    const body =
      '{"metadata":{"name":"proto"},"data":{"__proto__":"x","constructor":"y"},"__proto__":{"polluted":true}}';
    await send('POST', CONFIG_MAPS, body);
    const merge =
      '{"data":{"__proto__":"z"},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    await send('PATCH', `${CONFIG_MAPS}/proto`, merge, { 'content-type': 'application/merge-patch+json' });
    expect((await send('GET', '/api/v1/namespaces/default', undefined)).text).not.toContain('polluted');
  });
});
