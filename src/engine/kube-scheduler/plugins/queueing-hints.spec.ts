import { nodeOf, podOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ClusterEvent } from '../cluster-event.js';
import type { Plugin } from '../framework.js';
import { defaultPreemption } from './default-preemption.js';
import { interPodAffinity } from './inter-pod-affinity.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import { podTopologySpread } from './pod-topology-spread.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

type Row = readonly [name: string, event: ClusterEvent, change: readonly [now: Json, before: Json], isWorth: boolean];

/** Whether a pod that the plugin rejected is tried again after the change. */
function isWorth(plugin: Plugin, pod: Pod, event: ClusterEvent, [now, before]: Row[2]): boolean {
  const change = { event, object: now as KubeObject | undefined, previous: before as KubeObject | undefined };
  const hints = (plugin.retryOn ?? []).filter(({ on }) => on.includes(event));
  return hints.some((hint) => hint.isWorth?.(pod, change, new TestWorld()) !== false);
}

const table = (plugin: Plugin, pod: Pod, rows: readonly Row[]): void =>
  describe(plugin.name, () =>
    it.each(rows)('%s', (_name, event, change, expected) => expect(isWorth(plugin, pod, event, change)).toBe(expected)),
  );

/** The events that the plugin hears of at all, as upstream's `EventsToRegister` names them. */
const heard = ({ retryOn = [] }: Plugin): readonly string[] => retryOn.flatMap(({ on }) => on).toSorted();

const waiting = (spec: Json, labels = {}): Pod => {
  const pod = podOf('waiting', { labels, spec });
  return { ...pod, metadata: { ...pod.metadata, uid: 'own' } };
};
const placed = (spec: Json = {}, labels = {}): Json =>
  ({ ...podOf('there', { labels, spec: { nodeName: 'n', ...spec } }) }) as Json;
const tainted = (...keys: readonly string[]): Json =>
  nodeOf('n', { spec: { taints: keys.map((key) => ({ key, effect: 'NoSchedule' as const })) } });
const labelled = (labels: Json): Json => nodeOf('n', { labels });
const own = (spec: Json): Json => ({ ...waiting(spec), metadata: { ...waiting(spec).metadata, uid: 'own' } });
const claimed = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] };
const claim = (name: string, namespace = 'default'): Json => ({ metadata: { name, namespace } });
const driver = (count?: number): Json => ({
  metadata: { name: 'n' },
  spec: { drivers: [{ name: 'd', nodeID: 'n', ...(count === undefined ? {} : { allocatable: { count } }) }] },
});
const term = (key: string, app: string): Json => ({ topologyKey: key, labelSelector: { matchLabels: { app } } });
const affinity = (kind: string, ...terms: readonly Json[]): Json => ({
  affinity: { [kind]: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});

it('hears of what upstream’s plugins hear of', () => {
  expect(heard(nodeName)).toEqual(['Node/Add']);
  expect(heard(nodePorts)).toEqual(['Node/Add', 'Pod/Delete']);
  expect(heard(nodeAffinity)).toEqual(['Node/Add', 'Node/UpdateLabel']);
  expect(heard(nodeUnschedulable)).toEqual(['Node/Add', 'Node/UpdateTaint', 'Pod/UpdateToleration']);
  expect(heard(taintToleration)).toEqual(['Node/Add', 'Node/UpdateTaint', 'Pod/UpdateToleration']);
  expect(heard(nodeResourcesFit)).toEqual(['Node/Add', 'Node/UpdateAllocatable', 'Pod/Delete', 'Pod/UpdateScaleDown']);
  expect(heard(interPodAffinity)).toEqual(['Node/Add', 'Node/UpdateLabel', 'Pod/Add', 'Pod/Delete', 'Pod/UpdateLabel']);
  expect(heard(podTopologySpread)).toEqual([
    'Node/Add',
    'Node/Delete',
    'Node/UpdateLabel',
    'Node/UpdateTaint',
    'Pod/Add',
    'Pod/Delete',
    'Pod/UpdateLabel',
    'Pod/UpdateToleration',
  ]);
  expect(heard(schedulingGates)).toEqual(['Pod/UpdateSchedulingGatesEliminated']);
  expect(heard(volumeRestrictions)).toEqual(['Node/Add', 'PersistentVolumeClaim/Add', 'Pod/Delete']);
  expect(heard(nodeVolumeLimits)).toEqual([
    'CSINode/Add',
    'CSINode/Update',
    'PersistentVolumeClaim/Add',
    'Pod/Delete',
    'VolumeAttachment/Delete',
  ]);
  expect(heard(volumeZone)).toEqual([
    'Node/Add',
    'Node/UpdateLabel',
    'PersistentVolume/Add',
    'PersistentVolume/Update',
    'PersistentVolumeClaim/Add',
    'PersistentVolumeClaim/Update',
    'StorageClass/Add',
  ]);
  expect(heard(volumeBinding)).toEqual([
    'CSIDriver/Update',
    'CSINode/Add',
    'CSINode/Update',
    'CSIStorageCapacity/Add',
    'CSIStorageCapacity/Update',
    'Node/Add',
    'Node/UpdateLabel',
    'PersistentVolume/Add',
    'PersistentVolume/Update',
    'PersistentVolumeClaim/Add',
    'PersistentVolumeClaim/Update',
    'StorageClass/Add',
    'StorageClass/Update',
  ]);
});

table(nodeAffinity, waiting({ nodeSelector: { disk: 'ssd' } }), [
  ['a new node that fits', 'Node/Add', [labelled({ disk: 'ssd' }), undefined], true],
  ['a new node that does not fit', 'Node/Add', [labelled({}), undefined], false],
  ['a node that fits now', 'Node/UpdateLabel', [labelled({ disk: 'ssd' }), labelled({})], true],
  ['a node that did fit', 'Node/UpdateLabel', [labelled({}), labelled({ disk: 'ssd' })], false],
  [
    'a node that fitted and fits',
    'Node/UpdateLabel',
    [labelled({ disk: 'ssd', a: 'b' }), labelled({ disk: 'ssd' })],
    false,
  ],
]);

table(nodeUnschedulable, waiting({}), [
  ['a new node', 'Node/Add', [nodeOf('n'), undefined], true],
  ['a new node that is cordoned', 'Node/Add', [nodeOf('n', { spec: { unschedulable: true } }), undefined], false],
  [
    'a node that is uncordoned',
    'Node/UpdateTaint',
    [nodeOf('n'), nodeOf('n', { spec: { unschedulable: true } })],
    true,
  ],
  ['another taint of an open node', 'Node/UpdateTaint', [tainted('a'), nodeOf('n')], false],
  ['a toleration of something else', 'Pod/UpdateToleration', [own({}), own({})], false],
]);

table(taintToleration, waiting({ tolerations: [{ key: 'a', operator: 'Exists' }] }), [
  ['a new node whose taints it tolerates', 'Node/Add', [tainted('a'), undefined], true],
  ['a new node with another taint', 'Node/Add', [tainted('a', 'b'), undefined], false],
  ['a taint that goes', 'Node/UpdateTaint', [tainted('a'), tainted('a', 'b')], true],
  ['a taint that was tolerated goes', 'Node/UpdateTaint', [tainted(), tainted('a')], false],
  ['its own tolerations', 'Pod/UpdateToleration', [own({}), own({})], true],
  ['the tolerations of another pod', 'Pod/UpdateToleration', [placed(), placed()], false],
]);

const roomy = (cpu: string): Json => nodeOf('n', { allocatable: { cpu, memory: '8Gi', pods: '110' } });
const asking = podOf('waiting', { requests: { cpu: '2' } });
table(nodeResourcesFit, asking, [
  ['a new node with room', 'Node/Add', [roomy('2'), undefined], true],
  ['a new node that is too small', 'Node/Add', [roomy('1'), undefined], false],
  ['a node that grows enough', 'Node/UpdateAllocatable', [roomy('3'), roomy('1')], true],
  ['a node that grows too little', 'Node/UpdateAllocatable', [roomy('1500m'), roomy('1')], false],
  ['a node that shrinks', 'Node/UpdateAllocatable', [roomy('3'), roomy('4')], false],
  ['a pod that goes', 'Pod/Delete', [undefined, placed()], true],
]);

const web = { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: 80, protocol: 'TCP' }] }] };
const dns = { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 53, hostPort: 53, protocol: 'UDP' }] }] };
table(nodePorts, waiting(web), [
  ['a pod with its port goes', 'Pod/Delete', [undefined, placed(web)], true],
  ['a pod with another port goes', 'Pod/Delete', [undefined, placed(dns)], false],
  ['a pod without ports goes', 'Pod/Delete', [undefined, placed()], false],
  ['a new node', 'Node/Add', [nodeOf('n'), undefined], true],
]);

table(interPodAffinity, waiting(affinity('podAffinity', term('zone', 'db'))), [
  ['a pod to join', 'Pod/Add', [placed({}, { app: 'db' }), undefined], true],
  ['another pod', 'Pod/Add', [placed({}, { app: 'x' }), undefined], false],
  ['a pod that becomes one to join', 'Pod/UpdateLabel', [placed({}, { app: 'db' }), placed()], true],
  ['a pod that was one to join', 'Pod/UpdateLabel', [placed(), placed({}, { app: 'db' })], false],
  ['a pod to join goes', 'Pod/Delete', [undefined, placed({}, { app: 'db' })], false],
  ['a new node in the topology', 'Node/Add', [labelled({ zone: 'a' }), undefined], true],
  ['a new node outside', 'Node/Add', [labelled({}), undefined], false],
  ['a node that joins the topology', 'Node/UpdateLabel', [labelled({ zone: 'a' }), labelled({})], true],
  ['a node that moves', 'Node/UpdateLabel', [labelled({ zone: 'b' }), labelled({ zone: 'a' })], true],
  ['a node that leaves', 'Node/UpdateLabel', [labelled({}), labelled({ zone: 'a' })], false],
]);

const shy = affinity('podAntiAffinity', term('zone', 'noisy'));
table(interPodAffinity, waiting(shy, { app: 'noisy' }), [
  ['an avoided pod goes', 'Pod/Delete', [undefined, placed({}, { app: 'noisy' })], true],
  ['another pod goes', 'Pod/Delete', [undefined, placed({}, { app: 'x' })], false],
  ['an avoided pod becomes another', 'Pod/UpdateLabel', [placed(), placed({}, { app: 'noisy' })], true],
  ['a pod that avoids it goes', 'Pod/Delete', [undefined, placed(shy, { app: 'x' })], false],
  ['any new node', 'Node/Add', [labelled({}), undefined], true],
  ['a node that joins', 'Node/UpdateLabel', [labelled({ zone: 'a' }), labelled({})], false],
  ['a node that leaves', 'Node/UpdateLabel', [labelled({}), labelled({ zone: 'a' })], true],
]);

const spreading = (rest: Json = {}): Pod =>
  waiting({
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'x' } },
        ...rest,
      },
    ],
  });
table(podTopologySpread, spreading(), [
  ['a pod that counts comes', 'Pod/Add', [placed({}, { app: 'x' }), undefined], true],
  ['a pod that does not count comes', 'Pod/Add', [placed(), undefined], false],
  ['a pod that counts goes', 'Pod/Delete', [undefined, placed({}, { app: 'x' })], true],
  ['a pod begins to count', 'Pod/UpdateLabel', [placed({}, { app: 'x' }), placed()], true],
  ['another label changes', 'Pod/UpdateLabel', [placed({}, { app: 'x', a: 'b' }), placed({}, { app: 'x' })], false],
  [
    'its own tolerations, where taints are ignored',
    'Pod/UpdateToleration',
    [own({ tolerations: [{ key: 'a' }] }), own({})],
    false,
  ],
  ['a new node of the topology', 'Node/Add', [labelled({ zone: 'a' }), undefined], true],
  ['a new node outside', 'Node/Add', [labelled({}), undefined], false],
  ['a node of the topology goes', 'Node/Delete', [undefined, labelled({ zone: 'a' })], true],
  ['a node moves', 'Node/UpdateLabel', [labelled({ zone: 'b' }), labelled({ zone: 'a' })], true],
  ['another label of a node', 'Node/UpdateLabel', [labelled({ zone: 'a', x: 'y' }), labelled({ zone: 'a' })], false],
]);
table(podTopologySpread, spreading({ nodeTaintsPolicy: 'Honor' }), [
  ['its own tolerations', 'Pod/UpdateToleration', [own({ tolerations: [{ key: 'a' }] }), own({})], true],
]);

table(volumeRestrictions, waiting(claimed), [
  ['a pod with its claim goes', 'Pod/Delete', [undefined, placed(claimed)], true],
  ['a pod with another claim goes', 'Pod/Delete', [undefined, placed()], false],
  ['its claim comes', 'PersistentVolumeClaim/Add', [claim('c'), undefined], true],
  ['a claim of another namespace comes', 'PersistentVolumeClaim/Add', [claim('c', 'other'), undefined], false],
]);

table(nodeVolumeLimits, waiting(claimed), [
  ['drivers of a new node', 'CSINode/Add', [driver(1), undefined], true],
  ['a driver that may attach more', 'CSINode/Update', [driver(2), driver(1)], true],
  ['a driver that says a limit now', 'CSINode/Update', [driver(1), driver()], true],
  ['a driver that may attach less', 'CSINode/Update', [driver(1), driver(2)], false],
  ['a pod with a claim goes', 'Pod/Delete', [undefined, placed(claimed)], true],
  ['a pod without goes', 'Pod/Delete', [undefined, placed()], false],
  ['a volume is detached', 'VolumeAttachment/Delete', [undefined, claim('a')], true],
  ['its claim comes', 'PersistentVolumeClaim/Add', [claim('c'), undefined], true],
  ['another claim comes', 'PersistentVolumeClaim/Add', [claim('d'), undefined], false],
]);
table(nodeVolumeLimits, waiting({}), [
  ['a volume is detached, and it wants none', 'VolumeAttachment/Delete', [undefined, claim('a')], false],
]);

const volume = (labels: Json, rest: Json = {}): Json => ({ metadata: { name: 'v', labels }, spec: {}, ...rest });
const ZONE = 'topology.kubernetes.io/zone';
table(volumeZone, waiting(claimed), [
  [
    'a class that waits for its consumer',
    'StorageClass/Add',
    [{ volumeBindingMode: 'WaitForFirstConsumer', metadata: {} }, undefined],
    true,
  ],
  [
    'a class that binds at once',
    'StorageClass/Add',
    [{ volumeBindingMode: 'Immediate', metadata: {} }, undefined],
    false,
  ],
  ['a volume comes', 'PersistentVolume/Add', [volume({}), undefined], true],
  ['a volume moves', 'PersistentVolume/Update', [volume({ [ZONE]: 'b' }), volume({ [ZONE]: 'a' })], true],
  [
    'a volume changes otherwise',
    'PersistentVolume/Update',
    [volume({ [ZONE]: 'a', x: 'y' }), volume({ [ZONE]: 'a' })],
    false,
  ],
  ['its claim changes', 'PersistentVolumeClaim/Update', [claim('c'), claim('c')], true],
  ['another claim changes', 'PersistentVolumeClaim/Update', [claim('d'), claim('d')], false],
]);

const inline = { volumes: [{ name: 'v', csi: { driver: 'd' } }] };
const storageDriver = (storageCapacity: boolean, name = 'd'): Json => ({
  metadata: { name },
  spec: { storageCapacity },
});
const capacity = (text?: string, most?: string): Json => ({
  metadata: { name: 'k' },
  ...(text === undefined ? {} : { capacity: text }),
  ...(most === undefined ? {} : { maximumVolumeSize: most }),
});
const migrated = (plugins: string): Json => ({
  metadata: { name: 'n', annotations: { 'storage.alpha.kubernetes.io/migrated-plugins': plugins } },
});
const topologies = (zone: string): Json => ({
  metadata: { name: 's' },
  allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [zone] }] }],
});
table(volumeBinding, waiting({ volumes: [...claimed.volumes, ...inline.volumes] }), [
  ['a class comes', 'StorageClass/Add', [topologies('a'), undefined], true],
  ['a class is had elsewhere', 'StorageClass/Update', [topologies('b'), topologies('a')], true],
  ['a class changes otherwise', 'StorageClass/Update', [topologies('a'), topologies('a')], false],
  ['its claim changes', 'PersistentVolumeClaim/Update', [claim('c'), claim('c')], true],
  ['a claim of that name elsewhere', 'PersistentVolumeClaim/Update', [claim('c', 'other'), claim('c', 'other')], false],
  ['any volume changes', 'PersistentVolume/Update', [volume({}), volume({})], true],
  ['drivers of a new node', 'CSINode/Add', [driver(), undefined], true],
  ['plugins of a node migrate', 'CSINode/Update', [migrated('a,b'), migrated('a')], true],
  ['a driver of a node changes', 'CSINode/Update', [driver(2), driver(1)], false],
  ['its driver no longer counts space', 'CSIDriver/Update', [storageDriver(false), storageDriver(true)], true],
  ['its driver begins to count space', 'CSIDriver/Update', [storageDriver(true), storageDriver(false)], false],
  [
    'another driver no longer counts space',
    'CSIDriver/Update',
    [storageDriver(false, 'e'), storageDriver(true, 'e')],
    false,
  ],
  ['space comes', 'CSIStorageCapacity/Add', [capacity('1Gi'), undefined], true],
  ['space grows', 'CSIStorageCapacity/Update', [capacity('2Gi'), capacity('1Gi')], true],
  ['space is known now', 'CSIStorageCapacity/Update', [capacity('0'), capacity()], true],
  ['space shrinks', 'CSIStorageCapacity/Update', [capacity('1Gi'), capacity('2Gi')], false],
  [
    'space grows, the largest volume does not',
    'CSIStorageCapacity/Update',
    [capacity('2Gi', '1Gi'), capacity('1Gi', '1Gi')],
    false,
  ],
]);

table(schedulingGates, waiting({}), [
  ['its own gates are gone', 'Pod/UpdateSchedulingGatesEliminated', [own({}), own({})], true],
  ['the gates of another pod are gone', 'Pod/UpdateSchedulingGatesEliminated', [placed(), placed()], false],
]);

table(defaultPreemption, waiting({}), [['any pod goes', 'Pod/Delete', [undefined, placed()], false]]);
