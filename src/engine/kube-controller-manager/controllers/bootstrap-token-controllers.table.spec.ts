import { createHmac } from 'node:crypto';
import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const TYPE = 'bootstrap.kubernetes.io/token';
const TOKEN = 'secrets/kube-system/bootstrap-token-abcdef';
const INFO = 'configmaps/kube-public/cluster-info';
const KEY = '0123456789abcdef';
const SIGNING = { 'token-id': 'abcdef', 'token-secret': KEY, 'usage-bootstrap-signing': 'true' };

const token = (data: Readonly<Record<string, string>> = {}, type = TYPE): Json => ({
  type,
  data: Object.fromEntries(Object.entries({ ...SIGNING, ...data }).map(([key, value]) => [key, btoa(value)])),
});
const info = (data: Json = { kubeconfig: 'text' }): Record<string, Json> => ({
  'namespaces/kube-public': { spec: {} },
  [INFO]: { data },
});
function signature(content: string, id = 'abcdef', key = KEY): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const message = `${header}.${Buffer.from(content).toString('base64url')}`;
  return `${header}..${createHmac('sha256', key).update(message).digest('base64url')}`;
}
const signed = (content = 'text'): Json => ({
  [INFO]: { data: { kubeconfig: content, 'jws-kubeconfig-abcdef': signature(content) } },
});

describe('bootstrap-signer-controller', () => {
  const unsigned: Json = { [INFO]: { data: { kubeconfig: 'text', 'jws-kubeconfig-abcdef': undefined } } };
  controllerTable('bootstrap-signer-controller', [
    { name: 'signs with a token that may', before: { ...info(), [TOKEN]: token() }, after: signed() },
    {
      name: 'signs the bytes of a text that is not ASCII alone',
      before: { ...info({ kubeconfig: '# für 雲' }), [TOKEN]: token() },
      after: signed('# für 雲'),
    },
    {
      name: 'signs with every token',
      before: {
        ...info(),
        [TOKEN]: token(),
        'secrets/kube-system/bootstrap-token-zyxwvu': token({ 'token-id': 'zyxwvu' }),
      },
      after: {
        [INFO]: {
          data: {
            'jws-kubeconfig-abcdef': signature('text'),
            'jws-kubeconfig-zyxwvu': signature('text', 'zyxwvu'),
          },
        },
      },
    },
    {
      name: 'replaces a signature that is another text’s',
      before: { ...info({ kubeconfig: 'text', 'jws-kubeconfig-abcdef': signature('old') }), [TOKEN]: token() },
      after: signed(),
    },
    {
      name: 'takes a signature away whose token is no more',
      before: info({ kubeconfig: 'text', 'jws-kubeconfig-abcdef': signature('text') }),
      after: unsigned,
    },
    {
      name: 'signs anew when the text changes',
      before: { ...info(), [TOKEN]: token() },
      act: (world) => world.patch(INFO, { data: { kubeconfig: 'new' } }),
      after: signed('new'),
    },
    {
      name: 'signs nothing where there is no text',
      before: { ...info({}), [TOKEN]: token() },
      after: { [INFO]: { data: undefined } },
    },
    { name: 'makes no ConfigMap', before: { [TOKEN]: token() }, after: { [INFO]: undefined } },
    ...(
      [
        ['has ended', token({ expiration: '2025-12-31T23:59:59Z' })],
        ['ends at a time that nobody can read', token({ expiration: 'soon' })],
        ['may not sign', token({ 'usage-bootstrap-signing': 'false' })],
        ['has another name than its id', token({ 'token-id': 'zyxwvu' })],
        ['has no id', token({ 'token-id': '' })],
        ['has no secret', token({ 'token-secret': '' })],
        ['is a Secret of another type', token({}, 'Opaque')],
      ] as const
    ).map(([what, secret]) => ({
      name: `does not sign with a token that ${what}`,
      before: { ...info(), [TOKEN]: secret },
      after: unsigned,
    })),
    {
      name: 'does not sign with a token whose id is too long',
      before: { ...info(), 'secrets/kube-system/bootstrap-token-abcdefg': token({ 'token-id': 'abcdefg' }) },
      after: { [INFO]: { data: { 'jws-kubeconfig-abcdefg': undefined } } },
    },
    {
      name: 'does not sign with a token of another namespace',
      before: { ...info(), 'secrets/default/bootstrap-token-abcdef': token() },
      after: unsigned,
    },
  ]);
});

describe('token-cleaner-controller', () => {
  const ending = (expiration: string): Json => token({ expiration });
  controllerTable('token-cleaner-controller', [
    { name: 'keeps a token without an end', before: { [TOKEN]: token() }, seconds: 9_999, after: { [TOKEN]: {} } },
    {
      name: 'keeps a token until it ends',
      before: { [TOKEN]: ending('2026-01-01T01:00:00Z') },
      seconds: 3_590,
      after: { [TOKEN]: {} },
    },
    {
      name: 'deletes a token when it ends',
      before: { [TOKEN]: ending('2026-01-01T01:00:00Z') },
      seconds: 3_601,
      after: { [TOKEN]: undefined },
    },
    {
      name: 'deletes a token that has ended',
      before: { [TOKEN]: ending('2025-12-31T00:00:00Z') },
      after: { [TOKEN]: undefined },
    },
    {
      name: 'deletes a token whose end nobody can read',
      before: { [TOKEN]: ending('soon') },
      after: { [TOKEN]: undefined },
    },
    {
      name: 'keeps a token whose end is put off',
      before: { [TOKEN]: ending('2026-01-01T01:00:00Z') },
      act: (world) => world.patch(TOKEN, { data: { expiration: btoa('2026-01-02T00:00:00Z') } }),
      seconds: 7_200,
      after: { [TOKEN]: {} },
    },
    {
      name: 'leaves Secrets of other types and namespaces alone',
      before: {
        [TOKEN]: { ...ending('2025-12-31T00:00:00Z'), type: 'Opaque' },
        'secrets/default/bootstrap-token-abcdef': ending('2025-12-31T00:00:00Z'),
      },
      after: { [TOKEN]: {}, 'secrets/default/bootstrap-token-abcdef': {} },
    },
  ]);
});
