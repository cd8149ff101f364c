// Mirrors upstream's bootstrapsigner: `cluster-info`, which anybody may read, carries a signature by every bootstrap token,
// so that a machine that holds one can tell that the text is its cluster's.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { configMap } from '../../kinds/config-map.js';
import { secret } from '../../kinds/secret.js';
import type { ConfigMap, Secret } from '../../machinery/api/core-v1.js';
import { encodeBase64Url } from '../../machinery/base64.js';
import { deepEqual } from '../../machinery/equality.js';
import { utf8 } from '../../machinery/cel/utf-8.js';
import { isBootstrapToken, signingToken, TOKEN_NAMESPACE } from '../bootstrap/bootstrap-token.js';
import { defineController, watching } from '../controller.js';

const NAME = 'cluster-info';
const NAMESPACE = 'kube-public';
const CONTENT_KEY = 'kubeconfig';
const SIGNATURE_PREFIX = 'jws-kubeconfig-';

export const bootstrapSigner = defineController<ConfigMap>({
  name: 'bootstrap-signer-controller',
  serviceAccount: 'bootstrap-signer',
  primary: configMap,
  concerns: ({ metadata }) => metadata.name === NAME && metadata.namespace === NAMESPACE,
  watches: [
    watching<Secret, undefined>({
      kind: secret,
      map: (object) => (isBootstrapToken(object) ? [`${NAMESPACE}/${NAME}`] : []),
    }),
  ],

  reconcile({ client, simulation }, object) {
    const content = object?.data?.[CONTENT_KEY];
    if (object === undefined || content === undefined) return undefined;
    const data = Object.fromEntries(
      Object.entries(object.data ?? {}).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX)),
    );
    for (const each of client.list(secret, TOKEN_NAMESPACE)) {
      const token = isBootstrapToken(each) ? signingToken(each, simulation.now) : undefined;
      if (token !== undefined) data[`${SIGNATURE_PREFIX}${token.id}`] = detachedSignature(content, token);
    }
    if (!deepEqual(data, object.data)) client.update(configMap, { ...object, data });
    return undefined;
  },
});

/** A JSON Web Signature without what it signs: that stands beside it. */
function detachedSignature(content: string, { id, key }: { readonly id: string; readonly key: string }): string {
  const header = encodeBase64Url(utf8.encode(JSON.stringify({ alg: 'HS256', kid: id })));
  const message = `${header}.${encodeBase64Url(utf8.encode(content))}`;
  return `${header}..${encodeBase64Url(hmac(sha256, utf8.encode(key), utf8.encode(message)))}`;
}
