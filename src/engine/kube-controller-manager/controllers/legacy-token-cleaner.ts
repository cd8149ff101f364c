// Mirrors upstream's legacy-service-account-token-cleaner-controller: a token that nobody asked for and nobody has used for a
// year is marked as invalid, and its Secret goes after another. Upstream looks once a day; here what waits is looked at when it is due.
import { after, hours, parseTimestamp, timestamp, type Duration, type Instant } from '../../kernel/clock.js';
import { configMap } from '../../kinds/config-map.js';
import { podReferences } from '../../kinds/pod-spec/pod-references.js';
import { pod as podKind } from '../../kinds/pod.js';
import { secret as secretKind } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';
import type { Secret, ServiceAccount } from '../../machinery/api/core-v1.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';

const TYPE = 'kubernetes.io/service-account-token';
const NAME_ANNOTATION = 'kubernetes.io/service-account.name';
const UID_ANNOTATION = 'kubernetes.io/service-account.uid';
const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since';
/** Says since when the use of tokens is noted. */
const TRACKING = 'kube-system/kube-apiserver-legacy-service-account-token-tracking';
const DAY = hours(24);
/** `--legacy-service-account-token-clean-up-period` */
const UNUSED = hours(365 * 24);
const DATE = /^\d{4}-\d\d-\d\d$/;

export const legacyTokenCleaner = defineController<Secret>({
  name: 'legacy-serviceaccount-token-cleaner-controller',
  serviceAccount: 'legacy-service-account-token-cleaner',
  primary: secretKind,
  concerns: isToken,
  watches: [
    watching<ServiceAccount, undefined>({
      kind: serviceAccount,
      matters: (account, former) => account.secrets !== former.secrets,
      map: ({ metadata: { namespace = '' }, secrets = [] }) => secrets.map(({ name }) => `${namespace}/${name ?? ''}`),
    }),
  ],

  reconcile(context, object) {
    if (object === undefined || !isToken(object) || object.metadata.deletionTimestamp !== undefined) return undefined;
    if (!isGenerated(context, object)) return undefined;
    const { client, simulation } = context;
    const { now } = simulation;
    const end = endOfUse(context, object);
    if (end === undefined) return undefined;
    if (now < end) return (end - now) as Duration;
    const { namespace = '', name, resourceVersion, labels } = object.metadata;
    if (client.list(podKind, namespace).some((pod) => podReferences(pod).secrets.has(name))) return DAY;
    const invalidSince = dayOf(labels?.[INVALID_SINCE_LABEL]);
    if (invalidSince === undefined) {
      const today = timestamp(now).slice(0, 'yyyy-mm-dd'.length);
      client.patch(secretKind, `${namespace}/${name}`, { metadata: { labels: { [INVALID_SINCE_LABEL]: today } } });
      return undefined;
    }
    const removal = yearAfterDay(invalidSince);
    if (now < removal) return (removal - now) as Duration;
    client.delete(secretKind, object, {
      ...(resourceVersion === undefined ? {} : { preconditions: { resourceVersion } }),
    });
    return undefined;
  },
});

function isToken({ type }: Secret): boolean {
  return type === TYPE;
}

/** Whether its account lists it, as it was done for every account once. */
function isGenerated({ client }: ReconcileContext<undefined>, { metadata }: Secret): boolean {
  const { namespace = '', name, annotations } = metadata;
  const account = client.get(serviceAccount, `${namespace}/${annotations?.[NAME_ANNOTATION] ?? ''}`);
  const uid = annotations?.[UID_ANNOTATION] ?? '';
  if (account === undefined || (uid !== '' && uid !== account.metadata.uid)) return false;
  return account.secrets?.some((each) => each.name === name) === true;
}

/** From when on it counts as unused; `undefined` where that cannot be told. */
function endOfUse({ client }: ReconcileContext<undefined>, { metadata }: Secret): Instant | undefined {
  const since = dayOf(client.get(configMap, TRACKING)?.data?.['since']);
  const created = parseTimestamp(metadata.creationTimestamp ?? '');
  const lastUsed = metadata.labels?.[LAST_USED_LABEL];
  const used = lastUsed === undefined ? since : dayOf(lastUsed);
  if (since === undefined || created === undefined || used === undefined) return undefined;
  return Math.max(yearAfterDay(since), after(created, UNUSED), yearAfterDay(used)) as Instant;
}

const dayOf = (date = ''): Instant | undefined => (DATE.test(date) ? parseTimestamp(`${date}T00:00:00Z`) : undefined);

/** Days count whole. */
const yearAfterDay = (day: Instant): Instant => after(after(day, DAY), UNUSED);
