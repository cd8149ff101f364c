import { createHmac } from 'node:crypto';
import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { configMap } from '../../kinds/config-map.js';
import { namespace } from '../../kinds/namespace.js';
import { secret } from '../../kinds/secret.js';

const CONTENT = 'apiVersion: v1\n';
const encoded = (data: Record<string, string>) =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)]));

function worldWithToken(more: Record<string, string> = {}) {
  const world = new ControllerWorld();
  world.client.create(namespace, undefined, { metadata: { name: 'kube-public' }, spec: {} });
  world.client.create(configMap, 'kube-public', { metadata: { name: 'cluster-info' }, data: { kubeconfig: CONTENT } });
  const data = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'usage-bootstrap-signing': 'true', ...more };
  const metadata = { name: 'bootstrap-token-abcdef' };
  world.client.create(secret, 'kube-system', { metadata, type: 'bootstrap.kubernetes.io/token', data: encoded(data) });
  world.run(1);
  const info = () => world.client.get(configMap, 'kube-public/cluster-info')?.data;
  const token = () => world.client.get(secret, 'kube-system/bootstrap-token-abcdef');
  return { world, info, token };
}

describe('bootstrap-signer-controller', () => {
  it('signs what joining machines read, with every token that may sign', () => {
    const { info } = worldWithToken();
    const base64url = (text: string) => Buffer.from(text).toString('base64url');
    const header = base64url('{"alg":"HS256","kid":"abcdef"}');
    const signature = createHmac('sha256', '0123456789abcdef')
      .update(`${header}.${base64url(CONTENT)}`)
      .digest('base64url');
    expect(info()).toEqual({ kubeconfig: CONTENT, 'jws-kubeconfig-abcdef': `${header}..${signature}` });
  });

  it('takes the signature away with the token, or with its use', () => {
    const { world, info, token } = worldWithToken();
    world.client.delete(secret, token()!);
    world.run(1);
    expect(info()).toEqual({ kubeconfig: CONTENT });
    expect(worldWithToken({ 'usage-bootstrap-signing': 'false' }).info()).toEqual({ kubeconfig: CONTENT });
  });
});

describe('token-cleaner-controller', () => {
  it('removes a token when it ends, by the clock of the cluster', () => {
    const { world, token, info } = worldWithToken({ expiration: '2026-01-01T01:00:00Z' });
    world.run(3_500);
    expect(token()).toBeDefined();
    world.run(200);
    expect([token(), info()]).toEqual([undefined, { kubeconfig: CONTENT }]);
  });
});
