import type { StatefulSet } from '../machinery/api/apps-v1.js';
import type { FieldError } from '../machinery/field-error.js';
import { aggregateMessage } from '../machinery/field-error.js';
import type { Draft } from '../machinery/object.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { normalise } from '../machinery/schema/decode.js';
import { statefulSet } from './stateful-set.js';

const schema = schemaOfKind('apps', 'v1', 'StatefulSet');
const claim = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};

function setOf(spec: object, container: object = {}): Draft<StatefulSet> {
  const labels = { app: 'db' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'app:1', ...container }] } };
  const body = { metadata: { name: 's' }, spec: { selector: { matchLabels: labels }, template, ...spec } };
  const draft = (schema === undefined ? body : normalise(schema, body)) as Draft<StatefulSet>;
  statefulSet.defaults?.(draft);
  return draft;
}

function faultsOf(object: Draft<StatefulSet>, old?: Draft<StatefulSet>): string {
  const errors: FieldError[] = [];
  const report = (error: FieldError): void => void errors.push(error);
  if (old === undefined) statefulSet.validate?.(object as StatefulSet, report);
  else statefulSet.validateUpdate?.(object as StatefulSet, old as StatefulSet, report);
  return aggregateMessage(errors);
}

describe('statefulSet', () => {
  it('fills what was not said', () => {
    expect(setOf({ volumeClaimTemplates: [claim] }).spec).toMatchObject({
      replicas: 1,
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      volumeClaimTemplates: [
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          spec: { volumeMode: 'Filesystem' },
          status: { phase: 'Pending' },
        },
      ],
    });
  });

  it('lets containers mount its claims', () => {
    const mounts = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    expect(faultsOf(setOf({ volumeClaimTemplates: [claim] }, mounts))).toBe('');
    expect(faultsOf(setOf({}, mounts))).toBe(
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"',
    );
  });

  it('shows the strategy that it refuses', () => {
    expect(faultsOf(setOf({ updateStrategy: { type: 'Recreate' } }))).toBe(
      `spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'`,
    );
  });

  it('settles most of its spec when it is made', () => {
    expect(faultsOf(setOf({ replicas: 3, minReadySeconds: 1 }), setOf({}))).toBe('');
    expect(faultsOf(setOf({ serviceName: 'other' }), setOf({ serviceName: 'db' }))).toContain(
      'spec: Forbidden: updates to statefulset spec for fields other than',
    );
  });
});
