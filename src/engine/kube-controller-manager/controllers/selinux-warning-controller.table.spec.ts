import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { areAtOdds } from '../selinux/pod-labels.js';
import { isEnabled, switched } from '../controller-options.js';

const CLAIM = 'persistentvolumeclaims/default/data';
const DRIVER = 'csidrivers/csi.example.com';
const ONE = { level: 's0:c1,c2' };
const TWO = { level: 's0:c98,c99' };
const END = 'If both pods land on the same node, only one of them may access the volume.';

const podWith = (securityContext: Json, more: Json = {}): Json => ({
  spec: {
    securityContext,
    automountServiceAccountToken: false,
    containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
    ...more,
  },
});
const labelled = (seLinuxOptions: Json, policy?: string): Json =>
  podWith({ seLinuxOptions, ...(policy === undefined ? {} : { seLinuxChangePolicy: policy }) });

/** A bound claim of a driver that mounts with labels, unless told otherwise. */
function before(
  pods: Record<string, Json>,
  seLinuxMount = true,
  claimStatus: Json = { phase: 'Bound' },
): Record<string, Json> {
  const accessModes = ['ReadWriteMany'];
  return {
    [DRIVER]: { spec: { seLinuxMount } },
    [CLAIM]: {
      spec: { accessModes, volumeName: 'disk', storageClassName: '', resources: { requests: { storage: '1Gi' } } },
      status: claimStatus,
    },
    'persistentvolumes/disk': {
      spec: {
        accessModes,
        capacity: { storage: '1Gi' },
        csi: { driver: 'csi.example.com', volumeHandle: 'h' },
        claimRef: { namespace: 'default', name: 'data', uid: `@${CLAIM}` },
      },
    },
    ...Object.fromEntries(Object.entries(pods).map(([name, pod]) => [`pods/default/${name}`, pod])),
  };
}
const conflict = (pod: string, other: string, property: string, value: string, otherValue: string): string =>
  `Pod/${pod} Normal ${property}Conflict: ${property} "${value}" conflicts with pod ${other} that uses the same volume ` +
  `as this pod with ${property} "${otherValue}". ${END}`;
const LABELS = [
  conflict('b', 'a', 'SELinuxLabel', ':::s0:c98,c99', ':::s0:c1,c2'),
  conflict('a', 'b', 'SELinuxLabel', ':::s0:c1,c2', ':::s0:c98,c99'),
];

describe('selinux-warning-controller', () => {
  controllerTable('selinux-warning-controller', [
    {
      name: 'tells both pods of different labels',
      before: before({ a: labelled(ONE), b: labelled(TWO) }),
      events: LABELS,
    },
    { name: 'says nothing of equal labels', before: before({ a: labelled(ONE), b: labelled(ONE) }) },
    {
      name: 'says nothing where a label leaves out what a node fills in',
      before: before({ a: labelled(ONE), b: labelled({ ...ONE, user: 'u', role: 'r', type: 't' }) }),
    },
    {
      name: 'tells of a label beside none',
      before: before({ a: labelled(ONE), b: podWith({}) }),
      events: [
        conflict('b', 'a', 'SELinuxLabel', '', ':::s0:c1,c2'),
        conflict('a', 'b', 'SELinuxLabel', ':::s0:c1,c2', ''),
      ],
    },
    {
      name: 'takes a container’s label before the pod’s',
      before: before({
        a: labelled(ONE),
        b: podWith(
          { seLinuxOptions: TWO },
          {
            containers: [
              {
                name: 'c',
                image: 'i',
                securityContext: { seLinuxOptions: ONE },
                volumeMounts: [{ name: 'v', mountPath: '/v' }],
              },
            ],
          },
        ),
      }),
    },
    {
      name: 'tells of different policies',
      before: before({ a: labelled({}, 'Recursive'), b: labelled({}) }),
      events: [
        conflict('b', 'a', 'SELinuxChangePolicy', 'MountOption', 'Recursive'),
        conflict('a', 'b', 'SELinuxChangePolicy', 'Recursive', 'MountOption'),
      ],
    },
    {
      name: 'looks at no labels where both pods have files labelled one by one',
      before: before({ a: labelled(ONE, 'Recursive'), b: labelled(TWO, 'Recursive') }),
    },
    {
      name: 'looks at nothing where the driver mounts no labels',
      before: before({ a: labelled(ONE, 'Recursive'), b: labelled(TWO) }, false),
    },
    {
      name: 'looks again when the driver does',
      before: before({ a: labelled(ONE), b: labelled(TWO) }, false),
      act: (world) => world.patch(DRIVER, { spec: { seLinuxMount: true } }),
      events: [
        conflict('a', 'b', 'SELinuxChangePolicy', 'MountOption', 'Recursive'),
        conflict('b', 'a', 'SELinuxChangePolicy', 'Recursive', 'MountOption'),
        conflict('a', 'b', 'SELinuxLabel', ':::s0:c1,c2', ''),
        conflict('b', 'a', 'SELinuxLabel', '', ':::s0:c1,c2'),
        ...LABELS,
      ],
    },
    {
      name: 'waits until the claim is bound',
      before: before({ a: labelled(ONE), b: labelled(TWO) }, true, { phase: 'Pending' }),
    },
    {
      name: 'looks when the claim is bound',
      before: before({ a: labelled(ONE), b: labelled(TWO) }, true, { phase: 'Pending' }),
      act: (world) => world.patchStatus(CLAIM, { phase: 'Bound' }),
      events: LABELS,
    },
    {
      name: 'forgets a pod that is gone',
      before: before({ a: labelled(ONE) }),
      act(world) {
        world.remove('pods/default/a', { gracePeriodSeconds: 0 });
        world.run(1);
        world.put('pods/default/b', labelled(TWO));
      },
    },
    {
      name: 'looks at no volume that is not mounted',
      before: before({
        a: labelled(ONE),
        b: podWith({ seLinuxOptions: TWO }, { containers: [{ name: 'c', image: 'i' }] }),
      }),
    },
    {
      name: 'does not name a pod of another namespace',
      before: {
        'namespaces/team': { spec: {} },
        'serviceaccounts/team/default': {},
        'pods/default/a': podWith(
          { seLinuxOptions: ONE },
          { volumes: [{ name: 'v', iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2026-01.com.example:x', lun: 0 } }] },
        ),
        'pods/team/b': podWith(
          { seLinuxOptions: TWO },
          { volumes: [{ name: 'v', iscsi: { targetPortal: '10.0.0.1', iqn: 'iqn.2026-01.com.example:x', lun: 0 } }] },
        ),
      },
      events: [
        ['b', ':::s0:c98,c99'],
        ['a', ':::s0:c1,c2'],
      ].map(
        ([pod = '', label = '']) =>
          `Pod/${pod} Normal SELinuxLabelConflict: SELinuxLabel"${label}" conflicts with another pod that uses the same ` +
          `volume as this pod with a different SELinuxLabel. ${END}`,
      ),
    },
    {
      name: 'tells of two labels within one pod, again and again',
      before: before({
        a: podWith(
          {},
          {
            containers: [ONE, TWO].map((seLinuxOptions, index) => ({
              name: `c${index}`,
              image: 'i',
              securityContext: { seLinuxOptions },
              volumeMounts: [{ name: 'v', mountPath: '/v' }],
            })),
          },
        ),
      }),
      seconds: 0.01,
      events: [
        'Pod/a Warning MultipleSELinuxLabels: Volume "v" is mounted twice with different SELinux labels inside this pod (x2)',
      ],
    },
  ]);

  it.each([
    ['u:r:t:s0', 'u:r:t:s0', false],
    ['u:r:t:s0', ':::s0', false],
    ['u:r:t:s0:c1,c2', 'u:r:t:s0:c3', true],
    ['u:r:t:s0', 'v:r:t:s0', true],
    [':::s0', '', true],
    ['u:r:t:', '', false],
    ['', '', false],
  ])('finds of %s and %s whether they are at odds', (label, other, expected) => {
    expect([areAtOdds(label, other), areAtOdds(other, label)]).toEqual([expected, expected]);
  });

  it('is off unless it is named', () => {
    const option = 'selinux-warning-controller';
    expect(isEnabled(['*'], option)).toBe(false);
    expect(isEnabled(['*', option], option)).toBe(true);
    expect(switched(['*'], option, true)).toEqual(['*', option]);
    expect(switched(['*', option], option, false)).toEqual(['*']);
  });
});
