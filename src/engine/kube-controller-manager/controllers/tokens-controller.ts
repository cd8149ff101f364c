// Mirrors upstream's serviceaccount-token-controller: a Secret of type `kubernetes.io/service-account-token` gets a token of
// the account that it names, and goes when that account does; an account forgets a Secret of its own that is gone.
import { configMap } from '../../kinds/config-map.js';
import { secret } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';
import type { Secret, ServiceAccount } from '../../machinery/api/core-v1.js';
import { encodeBase64 } from '../../machinery/base64.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';

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
      map: ({ metadata: { namespace = '', name, uid = '' } }, { client }, type) =>
        type !== 'deleted'
          ? []
          : client
              .list(secret, namespace)
              .filter((each) => isTokenSecret(each) && accountNameOf(each) === name && accountUidOf(each) === uid)
              .map((each) => `${namespace}/${each.metadata.name}`),
    }),
    watching<Secret, undefined>({
      kind: secret,
      matters: () => false,
      map(object, context, type) {
        if (type === 'deleted' && isTokenSecret(object)) forget(context, object);
        return [];
      },
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || !isTokenSecret(object) || accountNameOf(object) === '') return undefined;
    const { client } = context;
    const account = accountOf(context, object);
    if (account === undefined) {
      client.delete(secret, object, {}, failingUnlessGone(context));
      return undefined;
    }
    const filled = withToken(context, object, account);
    if (filled !== undefined) client.update(secret, filled, failingUnlessGone(context));
    return undefined;
  },
});

function isTokenSecret({ type }: Secret): boolean {
  return type === TYPE;
}

const accountNameOf = ({ metadata }: Secret): string => metadata.annotations?.[NAME_ANNOTATION] ?? '';

const accountUidOf = ({ metadata }: Secret): string => metadata.annotations?.[UID_ANNOTATION] ?? '';

/** The account that the Secret is for, where it is there and the very one. */
function accountOf({ client }: MapContext<undefined>, object: Secret): ServiceAccount | undefined {
  const account = client.get(serviceAccount, `${object.metadata.namespace ?? ''}/${accountNameOf(object)}`);
  const uid = accountUidOf(object);
  return uid === '' || uid === account?.metadata.uid ? account : undefined;
}

function forget(context: MapContext<undefined>, gone: Secret): void {
  const { name } = gone.metadata;
  const { client } = context;
  const account = accountOf(context, gone);
  if (account?.secrets?.some((each) => each.name === name) !== true) return;
  const secrets = account.secrets.filter((each) => each.name !== name);
  client.update(serviceAccount, { ...account, secrets }, () => undefined);
}

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
  if (certificate !== undefined && object.data?.[CERTIFICATE_KEY] !== base64OfText(certificate)) {
    missing[CERTIFICATE_KEY] = base64OfText(certificate);
  }
  if (isMissing('namespace')) missing['namespace'] = base64OfText(namespace);
  const token = isMissing('token') ? settings.credentials?.accountToken(account, name) : undefined;
  if (token !== undefined) missing['token'] = base64OfText(token);
  if (Object.keys(missing).length === 0) return undefined;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [UID_ANNOTATION]: uid } },
    data: { ...object.data, ...missing },
  };
}
