import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const POD = 'pods/default/p';
const CLAIM = 'persistentvolumeclaims/default/p-v';
const SPEC = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } };
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: `@${POD}`, controller: true, blockOwnerDeletion: true };
const STRANGE =
  'Pod/p Warning FailedBinding: ephemeral volume v: PVC default/p-v was not created for pod default/p (pod is not owner)';

const ephemeral = (name = 'v', metadata: Json = {}): Json => ({
  name,
  ephemeral: { volumeClaimTemplate: { metadata, spec: SPEC } },
});
const podWith = (volumes: readonly Json[], metadata: Json = {}): Json => ({
  metadata,
  spec: { containers: [{ name: 'c', image: 'i' }], volumes },
});
const made: Json = { [CLAIM]: { metadata: { ownerReferences: [owner] }, spec: SPEC } };

describe('ephemeral-volume-controller', () => {
  controllerTable('ephemeral-volume-controller', [
    { name: 'makes the claim of a volume', before: { [POD]: podWith([ephemeral()]) }, after: made },
    {
      name: 'gives it the template’s labels and annotations',
      before: { [POD]: podWith([ephemeral('v', { labels: { l: '1' }, annotations: { a: '2' } })]) },
      after: { [CLAIM]: { metadata: { labels: { l: '1' }, annotations: { a: '2' } } } },
    },
    {
      name: 'makes one for each volume',
      before: { [POD]: podWith([ephemeral(), ephemeral('w')]) },
      after: { ...made, 'persistentvolumeclaims/default/p-w': { metadata: { ownerReferences: [owner] } } },
    },
    {
      name: 'makes none for other volumes',
      before: {
        [POD]: podWith([
          { name: 'v', emptyDir: {} },
          { name: 'w', persistentVolumeClaim: { claimName: 'c' } },
        ]),
      },
      after: { [CLAIM]: undefined, 'persistentvolumeclaims/default/p-w': undefined },
    },
    {
      name: 'makes none for a pod that is on its way out',
      before: { [POD]: podWith([ephemeral()], { finalizers: ['example.com/see'], deletionTimestamp: 'now' }) },
      after: { [CLAIM]: undefined },
    },
    {
      name: 'leaves a claim alone that is there already',
      before: {
        [POD]: podWith([ephemeral()]),
        [CLAIM]: { metadata: { labels: { mine: 'yes' }, ownerReferences: [owner] }, spec: SPEC },
      },
      after: { [CLAIM]: { metadata: { labels: { mine: 'yes' } } } },
    },
    {
      name: 'takes no claim of somebody else, and looks again',
      before: { [POD]: podWith([ephemeral()]), [CLAIM]: { spec: SPEC } },
      seconds: 0.01,
      after: { [CLAIM]: { metadata: { ownerReferences: undefined } } },
      events: [`${STRANGE} (x2)`],
    },
    {
      name: 'takes no claim of a pod that was called so before',
      before: {
        [POD]: podWith([ephemeral()]),
        [CLAIM]: { metadata: { ownerReferences: [{ ...owner, uid: 'former' }] }, spec: SPEC },
      },
      seconds: 0.001,
      events: [STRANGE],
    },
    {
      name: 'has the volumes behind one that fails wait with it',
      before: { [POD]: podWith([ephemeral(), ephemeral('w')]), [CLAIM]: { spec: SPEC } },
      seconds: 0.001,
      after: { 'persistentvolumeclaims/default/p-w': undefined },
      events: [STRANGE],
    },
    {
      name: 'makes the claim when the one of somebody else goes',
      before: { [POD]: podWith([ephemeral()]), [CLAIM]: { spec: SPEC } },
      act(world) {
        world.patch(CLAIM, { metadata: { finalizers: null } });
        world.remove(CLAIM);
      },
      seconds: 0.01,
      after: made,
      events: [`${STRANGE} (x5)`],
    },
    {
      name: 'makes a claim again that somebody deleted',
      before: { [POD]: podWith([ephemeral()]) },
      act(world) {
        world.patch(CLAIM, { metadata: { finalizers: null, labels: { old: 'yes' } } });
        world.remove(CLAIM);
      },
      after: { [CLAIM]: { metadata: { labels: undefined, ownerReferences: [owner] } } },
    },
  ]);
});
