import { instant } from '../../kernel/clock.js';
import type { Kind } from '../../machinery/kind.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
import { deepClone } from '../../machinery/structure.js';
import { FieldTracker } from '../../kube-apiserver/ownership/field-tracker.js';
import type { OwnershipParts } from '../../kube-apiserver/ownership/ownership-parts.js';
import type { BootstrapTemplate } from './fill.js';

const SERVER = 'kube-apiserver';
/** Upstream's two halves of priority and fairness: one writes the objects, the other their status. */
const FAIRNESS_PRODUCER = 'api-priority-and-fairness-config-producer-v1';
const FAIRNESS_CONSUMER = 'api-priority-and-fairness-config-consumer-v1';
const CONTROLLERS = 'kube-controller-manager';
const CIDR_CONTROLLER = 'kubernetes-service-cidr-controller';

interface Managers {
  readonly object: string;
  /** Of a status that was written apart; upstream's strategies make the others, and those are nobody's. */
  readonly status?: string;
}

/** Who wrote what a new cluster holds; each entry still wants the cluster's `time`. */
export function bootstrapManagers(
  ownership: OwnershipParts,
  kind: Kind,
  template: BootstrapTemplate,
): readonly ManagedFieldsEntry[] {
  const tracker = new FieldTracker(ownership, () => instant(0));
  const managers = managersOf(template);
  const { status, ...content } = deepClone(template);
  const draft = asGiven(content);
  tracker.created({ kind, subresource: '', manager: managers.object }, draft);
  const { managedFields: ofObject = [] } = draft.metadata;
  if (status === undefined || managers.status === undefined) return ofObject.map(withoutTime);
  const whole = deepClone({ ...draft, status });
  tracker.updated({ kind, subresource: 'status', manager: managers.status }, whole, draft);
  return (whole.metadata.managedFields ?? []).map(withoutTime);
}

function managersOf({ kind, metadata }: BootstrapTemplate): Managers {
  switch (kind) {
    case 'FlowSchema':
    case 'PriorityLevelConfiguration':
      return { object: FAIRNESS_PRODUCER, status: FAIRNESS_CONSUMER };
    case 'ServiceCIDR':
      return { object: SERVER, status: CIDR_CONTROLLER };
    case 'ServiceAccount':
      return { object: CONTROLLERS };
    case 'ConfigMap':
      return { object: metadata.name === 'kube-root-ca.crt' ? CONTROLLERS : SERVER };
    default:
      return { object: SERVER };
  }
}

/** Without what the strategies of creation add. */
function asGiven(draft: Draft<KubeObject>): Draft<KubeObject> {
  const object = draft as Draft<KubeObject> & { spec?: Record<string, unknown> };
  if (draft.kind === 'Namespace') delete object.spec;
  if (draft.kind === 'Service') {
    delete object.spec?.['clusterIPs'];
    delete object.spec?.['ipFamilies'];
  }
  return draft;
}

/** The time stands where upstream's encoder writes it. */
const withoutTime = (entry: ManagedFieldsEntry): ManagedFieldsEntry => Object.freeze({ ...entry, time: '' });
