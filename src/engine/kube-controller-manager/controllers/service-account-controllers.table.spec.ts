import { controllerTable, type ControllerSetting } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';
const LAST_USED = 'kubernetes.io/legacy-token-last-used';
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';
const DAY = 24 * 3_600;

const SECRET = 'secrets/default/s';
const ACCOUNT = 'serviceaccounts/default/bot';

const tokenSecret = (rest: Json = {}, labels: Json = {}): Json => ({
  type: 'kubernetes.io/service-account-token',
  metadata: { annotations: { [NAME]: 'bot', ...rest.annotations }, labels },
  data: rest.data ?? {},
});
const whole = { 'ca.crt': btoa('CA'), namespace: btoa('default'), token: btoa('TOKEN') };

describe('serviceaccount-controller', () => {
  const DEFAULT = 'serviceaccounts/team/default';
  const team: Json = { spec: {} };
  controllerTable('serviceaccount-controller', [
    { name: 'gives a new namespace its account', before: { 'namespaces/team': team }, after: { [DEFAULT]: {} } },
    {
      name: 'leaves an account as it is',
      before: { 'namespaces/team': team, [DEFAULT]: { metadata: { labels: { mine: 'yes' } } } },
      after: { [DEFAULT]: { metadata: { labels: { mine: 'yes' } } } },
    },
    {
      name: 'makes an account again that is deleted',
      before: { 'namespaces/team': team, [DEFAULT]: { metadata: { labels: { mine: 'yes' } } } },
      act: (world) => world.remove(DEFAULT),
      after: { [DEFAULT]: { metadata: { labels: undefined } } },
    },
    {
      name: 'makes none in place of another one',
      before: { 'namespaces/team': team, 'serviceaccounts/team/other': {} },
      act: (world) => world.remove('serviceaccounts/team/other'),
      after: { [DEFAULT]: {}, 'serviceaccounts/team/other': undefined },
    },
    {
      name: 'makes none in a namespace that is ending',
      before: { 'namespaces/team': { spec: {}, metadata: { deletionTimestamp: 'now' } } },
      after: { [DEFAULT]: undefined, 'namespaces/team': { status: { phase: 'Terminating' } } },
    },
    {
      name: 'makes none again in a namespace that is ending',
      before: { 'namespaces/team': team, [DEFAULT]: {} },
      act(world) {
        world.remove('namespaces/team');
        world.run(1);
        world.remove(DEFAULT);
      },
      after: { [DEFAULT]: undefined },
    },
  ]);
});

describe('serviceaccount-token-controller', () => {
  const setting: ControllerSetting = {
    caCertificate: 'CA',
    credentials: {
      certificateAuthority: undefined,
      accountToken: () => 'TOKEN',
      mayRequestCertificate: () => false,
    },
  };
  const filled = { metadata: { annotations: { [NAME]: 'bot', [UID]: `@${ACCOUNT}` } }, data: whole };
  const referring = { secrets: [{ name: 's' }, { name: 'other' }] };

  controllerTable(
    'serviceaccount-token-controller',
    [
      {
        name: 'fills an empty Secret',
        before: { [ACCOUNT]: {}, [SECRET]: tokenSecret() },
        after: { [SECRET]: filled },
      },
      ...Object.keys(whole).map((key) => ({
        name: `adds ${key} where it is missing`,
        before: { [ACCOUNT]: {}, [SECRET]: tokenSecret({ data: { ...whole, [key]: '' } }) },
        after: { [SECRET]: filled },
      })),
      {
        name: 'replaces another authority’s certificate, and no other token',
        before: {
          [ACCOUNT]: {},
          [SECRET]: tokenSecret({ data: { ...whole, 'ca.crt': btoa('OLD'), token: btoa('OLD') } }),
        },
        after: { [SECRET]: { data: { ...whole, token: btoa('OLD') } } },
      },
      {
        name: 'leaves a Secret alone that has everything, even where it does not say the account’s uid',
        before: { [ACCOUNT]: {}, [SECRET]: tokenSecret({ data: whole }) },
        after: { [SECRET]: { metadata: { annotations: { [NAME]: 'bot' } }, data: whole } },
      },
      {
        name: 'deletes a Secret of an account that is not there',
        before: { [SECRET]: tokenSecret() },
        after: { [SECRET]: undefined },
      },
      {
        name: 'deletes a Secret of an account that was another one',
        before: { [ACCOUNT]: {}, [SECRET]: tokenSecret({ annotations: { [UID]: 'former' } }) },
        after: { [SECRET]: undefined },
      },
      {
        name: 'deletes the Secrets of an account that goes, and nobody else’s',
        before: {
          [ACCOUNT]: {},
          [SECRET]: tokenSecret(),
          'serviceaccounts/default/cat': {},
          'secrets/default/c': tokenSecret({ annotations: { [NAME]: 'cat' } }),
          'secrets/default/plain': { type: 'Opaque', metadata: { annotations: { [NAME]: 'bot' } } },
        },
        act: (world) => world.remove(ACCOUNT),
        after: { [SECRET]: undefined, 'secrets/default/c': {}, 'secrets/default/plain': {} },
      },
      {
        name: 'leaves Secrets of other types alone',
        before: { [ACCOUNT]: {}, [SECRET]: { type: 'Opaque', metadata: { annotations: { [NAME]: 'bot' } } } },
        after: { [SECRET]: { data: undefined } },
      },
      {
        name: 'makes no Secret for an account',
        before: { [ACCOUNT]: {} },
        after: { [ACCOUNT]: { secrets: undefined } },
      },
      {
        name: 'has an account forget a Secret that is deleted',
        before: { [ACCOUNT]: referring, [SECRET]: tokenSecret() },
        act: (world) => world.remove(SECRET),
        after: { [SECRET]: undefined, [ACCOUNT]: { secrets: [{ name: 'other' }] } },
      },
      {
        name: 'has an account forget no Secret that was another account’s',
        before: { [ACCOUNT]: referring, [SECRET]: tokenSecret({ annotations: { [UID]: 'former' } }) },
        after: { [SECRET]: undefined, [ACCOUNT]: { secrets: referring.secrets } },
      },
    ],
    setting,
  );
});

describe('legacy-serviceaccount-token-cleaner-controller', () => {
  const TRACKING = 'configmaps/kube-system/kube-apiserver-legacy-service-account-token-tracking';
  const before = (labels: Json = {}, rest: Json = {}): Record<string, Json> => ({
    [TRACKING]: { data: { since: '2026-01-01' } },
    [ACCOUNT]: { secrets: [{ name: 's' }] },
    [SECRET]: tokenSecret({}, labels),
    ...rest,
  });
  const labelled = (labels: Json): Json => ({ [SECRET]: { metadata: { labels } } });
  const user = (volumes: Json): Json => ({ spec: { containers: [{ name: 'c', image: 'i' }], volumes } });

  controllerTable('legacy-serviceaccount-token-cleaner-controller', [
    { name: 'waits a year of watching', before: before(), seconds: 365 * DAY, after: labelled(undefined) },
    {
      name: 'marks what was never used in that year',
      before: before(),
      seconds: 367 * DAY,
      after: labelled({ [INVALID_SINCE]: '2027-01-02' }),
    },
    {
      name: 'marks what was used last before that year',
      before: before({ [LAST_USED]: '2025-12-01' }),
      seconds: 367 * DAY,
      after: labelled({ [LAST_USED]: '2025-12-01', [INVALID_SINCE]: '2027-01-02' }),
    },
    {
      name: 'leaves what was used within a year',
      before: before({ [LAST_USED]: '2026-02-01' }),
      seconds: 367 * DAY,
      after: labelled({ [LAST_USED]: '2026-02-01', [INVALID_SINCE]: undefined }),
    },
    {
      name: 'leaves what has no readable day of use',
      before: before({ [LAST_USED]: 'lately' }),
      seconds: 800 * DAY,
      after: labelled({ [INVALID_SINCE]: undefined }),
    },
    {
      name: 'marks anew what has no readable mark',
      before: before({ [INVALID_SINCE]: 'lately' }),
      seconds: 367 * DAY,
      after: labelled({ [INVALID_SINCE]: '2027-01-02' }),
    },
    {
      name: 'deletes what was marked more than a year ago',
      before: before({ [INVALID_SINCE]: '2025-12-31' }),
      seconds: 368 * DAY,
      after: { [SECRET]: undefined },
    },
    {
      name: 'keeps what was marked within a year',
      before: before({ [INVALID_SINCE]: '2026-06-01' }),
      seconds: 368 * DAY,
      after: labelled({ [INVALID_SINCE]: '2026-06-01' }),
    },
    {
      name: 'keeps what a pod mounts',
      before: before({}, { 'pods/default/p': user([{ name: 'v', secret: { secretName: 's' } }]) }),
      seconds: 400 * DAY,
      after: labelled(undefined),
    },
    {
      name: 'looks at no pod that mounts something else',
      before: before({}, { 'pods/default/p': user([{ name: 'v', secret: { secretName: 'other' } }]) }),
      seconds: 367 * DAY,
      after: labelled({ [INVALID_SINCE]: '2027-01-02' }),
    },
    {
      name: 'keeps what its account does not list',
      before: before({}, { [ACCOUNT]: {} }),
      seconds: 400 * DAY,
      after: labelled(undefined),
    },
    {
      name: 'leaves other Secrets alone',
      before: before({}, { [SECRET]: { type: 'Opaque', metadata: { annotations: { [NAME]: 'bot' } } } }),
      seconds: 400 * DAY,
      after: labelled(undefined),
    },
  ]);
});
