// Mirrors upstream's serviceaccount-token-controller: a Secret of type `kubernetes.io/service-account-token` gets a token of
// the account that it names, and goes when that account does.
import { configMap } from '../../kinds/config-map.js';
import { secret } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';
import type { Secret, ServiceAccount } from '../../machinery/api/core-v1.js';
import { encodeBase64 } from '../../machinery/base64.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';

const TYPE = 'kubernetes.io/service-account-token';
const NAME_ANNOTATION = 'kubernetes.io/service-account.name';
const UID_ANNOTATION = 'kubernetes.io/service-account.uid';
const ROOT_CERTIFICATES = 'kube-system/kube-root-ca.crt';
const CERTIFICATE_KEY = 'ca.crt';

export const tokensController = defineController<Secret>({
  name: 'serviceaccount-token-controller',
  serviceAccount: 'tokens-controller',
  primary: secret,
  concerns: isTokenSecret,
  watches: [
    watching<ServiceAccount, undefined>({
      kind: serviceAccount,
      matters: () => false,
      map: ({ metadata: { namespace = '', name } }, { client }, type) =>
        type !== 'deleted'
          ? []
          : client
              .list(secret, namespace)
              .filter((each) => isTokenSecret(each) && accountNameOf(each) === name)
              .map((each) => `${namespace}/${each.metadata.name}`),
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || !isTokenSecret(object)) return undefined;
    const { client } = context;
    const { namespace = '', annotations } = object.metadata;
    const account = client.get(serviceAccount, `${namespace}/${accountNameOf(object)}`);
    const wantedUid = annotations?.[UID_ANNOTATION] ?? '';
    if (account === undefined || (wantedUid !== '' && wantedUid !== account.metadata.uid)) {
      client.delete(secret, object);
      return undefined;
    }
    const filled = withToken(context, object, account);
    if (filled !== undefined) client.update(secret, filled);
    return undefined;
  },
});

function isTokenSecret({ type }: Secret): boolean {
  return type === TYPE;
}

const accountNameOf = ({ metadata }: Secret): string => metadata.annotations?.[NAME_ANNOTATION] ?? '';

/** Of names, tokens and PEM, which are ASCII. */
const base64OfText = (text: string): string =>
  encodeBase64(Uint8Array.from(text, (character) => character.charCodeAt(0)));

/** `undefined` where nothing is missing. */
function withToken(
  { client, settings }: ReconcileContext<undefined>,
  object: Secret,
  account: ServiceAccount,
): Secret | undefined {
  const { uid = '' } = account.metadata;
  const { annotations, name, namespace = '' } = object.metadata;
  const certificate = settings.caCertificate ?? client.get(configMap, ROOT_CERTIFICATES)?.data?.[CERTIFICATE_KEY];
  const missing: Record<string, string> = {};
  const isMissing = (key: string): boolean => (object.data?.[key] ?? '') === '';
  if (certificate !== undefined && isMissing(CERTIFICATE_KEY)) missing[CERTIFICATE_KEY] = base64OfText(certificate);
  if (isMissing('namespace')) missing['namespace'] = base64OfText(namespace);
  const token = isMissing('token') ? settings.credentials?.accountToken(account, name) : undefined;
  if (token !== undefined) missing['token'] = base64OfText(token);
  if (Object.keys(missing).length === 0 && annotations?.[UID_ANNOTATION] === uid) return undefined;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [UID_ANNOTATION]: uid } },
    data: { ...object.data, ...missing },
  };
}
