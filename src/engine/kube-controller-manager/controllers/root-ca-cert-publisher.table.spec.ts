import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const MAP = 'configmaps/team/kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
const team: Json = { 'namespaces/team': { spec: {} } };
const mapWith = (data: Json, description: string = TEXT): Json => ({
  data,
  metadata: { annotations: { [DESCRIPTION]: description } },
});
const whole = mapWith({ 'ca.crt': 'CA' });

describe('root-ca-certificate-publisher-controller', () => {
  controllerTable(
    'root-ca-certificate-publisher-controller',
    [
      { name: 'tells a new namespace', before: team, after: { [MAP]: whole } },
      {
        name: 'corrects another certificate',
        before: { ...team, [MAP]: mapWith({ 'ca.crt': 'OLD' }) },
        after: { [MAP]: whole },
      },
      {
        name: 'takes away what does not belong there',
        before: { ...team, [MAP]: mapWith({ 'ca.crt': 'CA', more: 'x' }) },
        after: { [MAP]: { data: { 'ca.crt': 'CA', more: undefined } } },
      },
      {
        name: 'says what it is for',
        before: { ...team, [MAP]: { data: { 'ca.crt': 'CA' } } },
        after: { [MAP]: whole },
      },
      {
        name: 'leaves other words for that',
        before: { ...team, [MAP]: mapWith({ 'ca.crt': 'CA' }, 'Mine.') },
        after: { [MAP]: mapWith({ 'ca.crt': 'CA' }, 'Mine.') },
      },
      {
        name: 'replaces other words where the data has to change',
        before: { ...team, [MAP]: mapWith({}, 'Mine.') },
        after: { [MAP]: whole },
      },
      { name: 'puts back what is deleted', before: team, act: (world) => world.remove(MAP), after: { [MAP]: whole } },
      {
        name: 'puts back what is changed',
        before: team,
        act: (world) => world.patch(MAP, { data: null }),
        after: { [MAP]: whole },
      },
      {
        name: 'leaves other ConfigMaps alone',
        before: { ...team, 'configmaps/team/other': { data: { 'ca.crt': 'OLD' } } },
        after: { 'configmaps/team/other': { data: { 'ca.crt': 'OLD' } } },
      },
      {
        name: 'makes none in a namespace that is ending',
        before: { 'namespaces/team': { spec: {}, metadata: { deletionTimestamp: 'now' } } },
        after: { [MAP]: undefined },
      },
      {
        name: 'goes on correcting in a namespace that is ending',
        before: team,
        act(world) {
          world.remove('namespaces/team');
          world.patch(MAP, { data: { 'ca.crt': 'OLD' } });
        },
        after: { [MAP]: whole },
      },
    ],
    { caCertificate: 'CA' },
  );
});
