import type { FlowTemplates } from '../../kube-apiserver/flow-control/flow-defaults.js';
import type { FlowSchema, PriorityLevelConfiguration } from '../../machinery/api/flowcontrol-v1.js';
import type { KubeObject } from '../../machinery/object.js';
import { bootstrapObjects } from './objects.js';

/** What a new cluster holds of priority and fairness: its API server keeps it so. */
export const flowTemplates: FlowTemplates = Object.freeze({
  schemas: ofKind<FlowSchema>('FlowSchema'),
  levels: ofKind<PriorityLevelConfiguration>('PriorityLevelConfiguration'),
});

function ofKind<T extends KubeObject>(kind: string): readonly T[] {
  const objects: readonly object[] = bootstrapObjects.filter((each) => each.kind === kind);
  return objects as readonly T[];
}
