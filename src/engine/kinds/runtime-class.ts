import type { RuntimeClass } from '../machinery/api/node-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { duplicate } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123LabelFaults } from '../machinery/names.js';
import { checkLabels, reportFaults } from './pod-spec/checks.js';
import { roundResources } from './pod-spec/resource-lists.js';
import { checkOverhead } from './pod-spec/resource-rules.js';
import { checkTolerations } from './pod-spec/scheduling-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { checkImmutable } from './shared/immutable.js';

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/api/node/v1.RuntimeClass',
  columns: [nameColumn, { name: 'Handler', type: 'string', value: ({ handler }) => handler }, ageColumn],
  createsOnUpdate: true,
  allowsUnconditionalUpdate: false,

  defaults({ overhead }) {
    roundResources(overhead?.podFixed);
  },

  validate,
  validateUpdate: (object, old, report) => checkImmutable(report, 'handler', [object.handler, old.handler]),
});

function validate({ handler, overhead, scheduling }: RuntimeClass, report: Report): void {
  reportFaults(report, 'handler', handler, dns1123LabelFaults(handler));
  if (overhead?.podFixed !== undefined) {
    checkOverhead(report, 'overhead', overhead.podFixed);
  }
  if (scheduling === undefined) return;
  checkLabels(report, 'scheduling.nodeSelector', scheduling.nodeSelector);
  const tolerations = scheduling.tolerations ?? [];
  checkTolerations(report, 'scheduling.tolerations', tolerations);
  for (const [index, toleration] of tolerations.entries()) {
    const isSame = (each: unknown): boolean => deepEqual(each, toleration);
    if (tolerations.findIndex(isSame) === index) continue;
    const { key = '', operator = '', value = '', effect = '', tolerationSeconds = null } = toleration;
    // Upstream prints its internal form.
    const printed = {
      Key: key,
      Operator: operator,
      Value: value,
      Effect: effect,
      TolerationSeconds: tolerationSeconds,
    };
    report(duplicate(`scheduling.tolerations[${index}]`, printed));
  }
}
