import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Volume,
  VolumeNodeAffinity,
} from '../../src/engine/machinery/api/core-v1.js';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
} from '../../src/engine/machinery/api/storage-v1.js';
import type { ArbitraryChoice } from './arbitrary-choice.js';

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const DRIVERS = ['one.csi.example', 'two.csi.example'];
const CLASSES = ['wait', 'wait-zones', 'wait-local', 'at-once'];
/** The last of each is never there. */
const CLAIM_NAMES = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'no-claim'];
const CLASS_NAMES = [...CLASSES, ...CLASSES, '', 'no-class'];
const VOLUMES = 10;
const NODE_NAMES = ['n0', 'n1', 'n2', 'n3'];
const NAMESPACES = ['one', 'two'];
const STORAGE = { apiVersion: 'storage.k8s.io/v1' } as const;

/** The volumes of a pod: claims that may be there, volumes of its own, and disks of the old kinds. */
export function volumesFor(choice: ArbitraryChoice): readonly Volume[] {
  return Array.from({ length: 1 + choice.count(2) }, (_, index): Volume => {
    const name = `v${index}`;
    if (choice.isLucky(60)) return { name, persistentVolumeClaim: { claimName: claimName(choice) } };
    if (choice.isLucky(35)) return { name, ephemeral: { volumeClaimTemplate: { spec: {} } } };
    const readOnly = choice.isLucky(50);
    return choice.pick<Volume>([
      { name, gcePersistentDisk: { pdName: choice.pick(['d', 'e']), readOnly } },
      { name, awsElasticBlockStore: { volumeID: choice.pick(['d', 'e']), readOnly } },
      { name, iscsi: { iqn: choice.pick(['d', 'e']), targetPortal: 'p', lun: 0, readOnly } },
      {
        name,
        rbd: {
          monitors: choice.pick([['m'], ['m', 'n'], ['n']]),
          image: choice.pick(['d', 'e']),
          readOnly,
          ...(choice.isLucky(50) ? { pool: choice.pick(['rbd', 'other']) } : {}),
        },
      },
      { name, emptyDir: {} },
    ]);
  });
}

const claimName = (choice: ArbitraryChoice): string =>
  choice.isLucky(4) ? 'no-claim' : choice.pick(CLAIM_NAMES.slice(0, -1));

/** Storage of a small cluster in which everything happens that keeps a pod from its volumes. */
export class ArbitraryStorage {
  readonly #choice: ArbitraryChoice;

  constructor(choice: ArbitraryChoice) {
    this.#choice = choice;
  }

  classes(): readonly StorageClass[] {
    const choice = this.#choice;
    return CLASSES.filter(() => choice.isLucky(95)).map((name) => ({
      ...STORAGE,
      kind: 'StorageClass',
      metadata: { name },
      provisioner: name === 'wait-local' ? 'kubernetes.io/no-provisioner' : choice.pick(DRIVERS),
      volumeBindingMode: name === 'at-once' ? 'Immediate' : 'WaitForFirstConsumer',
      ...(name === 'wait-zones' ? { allowedTopologies: [this.#topology(), this.#topology()] } : {}),
    }));
  }

  #topology() {
    const choice = this.#choice;
    const zone = { key: ZONE, values: [choice.pick(['a', 'b']), 'c'] };
    return { matchLabelExpressions: choice.isLucky(30) ? [zone, { key: 'disk', values: ['ssd'] }] : [zone] };
  }

  drivers(): readonly CSIDriver[] {
    return DRIVERS.filter(() => this.#choice.isLucky(80)).map((name) => ({
      ...STORAGE,
      kind: 'CSIDriver',
      metadata: { name },
      spec: { storageCapacity: this.#choice.isLucky(60) },
    }));
  }

  capacities(): readonly CSIStorageCapacity[] {
    const choice = this.#choice;
    return Array.from({ length: choice.count(6) }, (_, index): CSIStorageCapacity => {
      const nodeTopology = choice.pick([undefined, {}, { matchLabels: { [ZONE]: choice.pick(['a', 'b']) } }]);
      return {
        ...STORAGE,
        kind: 'CSIStorageCapacity',
        metadata: { name: `s${index}`, namespace: 'one' },
        storageClassName: choice.pick(CLASSES),
        ...(nodeTopology === undefined ? {} : { nodeTopology }),
        ...(choice.isLucky(80) ? { capacity: this.#size(8) } : {}),
        ...(choice.isLucky(30) ? { maximumVolumeSize: this.#size(6) } : {}),
      };
    });
  }

  csiNode(name: string): CSINode {
    const choice = this.#choice;
    const limit = () => choice.pick([{}, { allocatable: {} }, { allocatable: { count: choice.count(3) } }]);
    const drivers = DRIVERS.filter(() => choice.isLucky(80)).map((driver) => ({
      name: driver,
      nodeID: name,
      ...limit(),
    }));
    return { ...STORAGE, kind: 'CSINode', metadata: { name }, spec: { drivers } };
  }

  attachment(index: number): VolumeAttachment {
    const choice = this.#choice;
    return {
      ...STORAGE,
      kind: 'VolumeAttachment',
      metadata: { name: `a${index}` },
      spec: {
        attacher: choice.pick(DRIVERS),
        nodeName: choice.pick(NODE_NAMES),
        source: { persistentVolumeName: `v${choice.count(VOLUMES)}` },
      },
    };
  }

  volumes(): readonly PersistentVolume[] {
    return Array.from({ length: VOLUMES }, (_, index) => index)
      .filter(() => this.#choice.isLucky(90))
      .map((index) => this.volume(index));
  }

  /** Each has a size of its own, so that there is one smallest. */
  volume(index = this.#choice.count(VOLUMES)): PersistentVolume {
    const choice = this.#choice;
    const labels = {
      ...(choice.isLucky(30) ? { [ZONE]: choice.pick(['a', 'b', 'a__b', 'b__c']) } : {}),
      ...(choice.isLucky(10) ? { 'failure-domain.beta.kubernetes.io/zone': choice.pick(['a', 'b']) } : {}),
      ...(choice.isLucky(8) ? { 'topology.kubernetes.io/region': choice.pick(['r', 's']) } : {}),
      ...(choice.isLucky(30) ? { tier: 'fast' } : {}),
    };
    const driver = choice.pick(DRIVERS);
    const owner = choice.pick(CLAIM_NAMES);
    const namespace = choice.pick(NAMESPACES);
    const uid = choice.pick([{}, { uid: `${namespace}/${owner}` }, { uid: 'another' }]);
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `v${index}`, labels, ...this.#deletion(5) },
      spec: {
        capacity: { storage: `${2 + index}Gi` },
        accessModes: choice.pick([['ReadWriteOnce'], ['ReadWriteOnce', 'ReadOnlyMany'], ['ReadWriteOncePod']]),
        storageClassName: choice.pick(CLASS_NAMES),
        ...(choice.isLucky(75) ? { csi: { driver, volumeHandle: `h${index % 6}` } } : { local: { path: '/disk' } }),
        ...(choice.isLucky(15) ? { volumeMode: 'Block' } : {}),
        ...(choice.isLucky(8) ? { volumeAttributesClassName: 'gold' } : {}),
        ...(choice.isLucky(50) ? { nodeAffinity: this.#affinity() } : {}),
        ...(choice.isLucky(25) ? { claimRef: { kind: 'PersistentVolumeClaim', name: owner, namespace, ...uid } } : {}),
      },
      status: { phase: choice.pick(['Available', 'Available', 'Available', 'Bound', 'Released']) },
    };
  }

  #affinity(): VolumeNodeAffinity {
    const choice = this.#choice;
    const requirement = () =>
      choice.pick([
        { key: ZONE, operator: 'In', values: [choice.pick(['a', 'b'])] },
        { key: HOSTNAME, operator: 'In', values: [choice.pick(NODE_NAMES)] },
        { key: 'disk', operator: 'Exists' },
      ]);
    const term = () => ({ matchExpressions: choice.isLucky(80) ? [requirement()] : [requirement(), requirement()] });
    return { required: { nodeSelectorTerms: choice.isLucky(70) ? [term()] : [term(), term()] } };
  }

  claims(): readonly PersistentVolumeClaim[] {
    return NAMESPACES.flatMap((namespace) =>
      CLAIM_NAMES.slice(0, -1)
        .filter(() => this.#choice.isLucky(95))
        .map((name) => this.claim(namespace, name)),
    );
  }

  /** Bound, on its way to that, or waiting; the `volume` it has may not be there. */
  claim(
    namespace = this.#choice.pick(NAMESPACES),
    name = this.#choice.pick(CLAIM_NAMES.slice(0, -1)),
  ): PersistentVolumeClaim {
    const choice = this.#choice;
    const isBound = choice.isLucky(40);
    const hasVolume = isBound || choice.isLucky(6);
    const annotations = {
      ...(isBound ? { 'pv.kubernetes.io/bind-completed': 'yes' } : {}),
      ...(choice.isLucky(10) ? { 'volume.kubernetes.io/selected-node': choice.pick(NODE_NAMES) } : {}),
    };
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace, uid: `${namespace}/${name}`, annotations, ...this.#deletion(4) },
      spec: {
        accessModes: [choice.pick(['ReadWriteOnce', 'ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteOncePod'])],
        resources: { requests: { storage: this.#size(6) } },
        storageClassName: choice.isLucky(75) ? choice.pick(CLASSES.slice(0, 3)) : choice.pick(CLASS_NAMES),
        ...(hasVolume ? { volumeName: `v${choice.count(VOLUMES)}` } : {}),
        ...(choice.isLucky(12) ? { volumeMode: 'Block' } : {}),
        ...(choice.isLucky(8) ? { volumeAttributesClassName: 'gold' } : {}),
        ...(choice.isLucky(12) ? { selector: { matchLabels: { tier: 'fast' } } } : {}),
      },
      status: { phase: choice.isLucky(4) ? 'Lost' : isBound ? 'Bound' : 'Pending' },
    };
  }

  /** The claims of a pod's own volumes, most of them made and most of them its own. */
  ownClaims({ metadata, spec }: Pod): readonly PersistentVolumeClaim[] {
    const choice = this.#choice;
    return (spec.volumes ?? [])
      .filter(({ ephemeral }) => ephemeral !== undefined && choice.isLucky(80))
      .map(({ name }) => {
        const claim = this.claim(metadata.namespace, `${metadata.name}-${name}`);
        const uid = choice.isLucky(85) ? (metadata.uid ?? '') : 'another';
        const owner = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid, controller: true };
        return { ...claim, metadata: { ...claim.metadata, ownerReferences: [owner] } };
      });
  }

  #size(below: number): string {
    return `${1 + this.#choice.count(below)}Gi`;
  }

  #deletion(percent: number) {
    return this.#choice.isLucky(percent) ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {};
  }
}
