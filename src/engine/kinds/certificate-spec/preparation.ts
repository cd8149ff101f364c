import { timestamp } from '../../kernel/clock.js';
import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import type { StrategyContext } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';
import { keepField } from '../shared/immutable.js';

type DraftRequest = Draft<CertificateSigningRequest>;

/** The status is the signer's; what was decided stays as it was decided. */
export function prepareStatus(draft: DraftRequest, old: CertificateSigningRequest, context: StrategyContext): void {
  keepField(draft, 'spec', old);
  for (const type of ['Approved', 'Denied']) keepConditions(draft, old, type);
  stampConditions(draft, old, context);
}

/** Who approves decides by conditions alone. */
export function prepareApproval(draft: DraftRequest, old: CertificateSigningRequest, context: StrategyContext): void {
  stampConditions(draft, old, context);
  const conditions = draft.status?.conditions;
  keepField(draft, 'spec', old);
  keepField(draft, 'status', old);
  const { conditions: _conditions, ...status } = draft.status ?? {};
  draft.status = conditions === undefined ? status : { ...status, conditions };
}

function keepConditions(draft: DraftRequest, old: CertificateSigningRequest, type: string): void {
  const before = (old.status?.conditions ?? []).filter((each) => each.type === type);
  const conditions = draft.status?.conditions ?? [];
  if (conditions.filter((each) => each.type === type).length !== before.length) return;
  for (const [index, condition] of conditions.entries()) {
    const kept = condition.type === type ? before.shift() : undefined;
    if (kept !== undefined) conditions[index] = deepClone(kept);
  }
}

function stampConditions(draft: DraftRequest, old: CertificateSigningRequest, { now }: StrategyContext): void {
  for (const condition of draft.status?.conditions ?? []) {
    condition.lastUpdateTime ??= timestamp(now);
    const same = (old.status?.conditions ?? []).find(
      ({ type, status, lastTransitionTime }) =>
        type === condition.type && status === condition.status && (lastTransitionTime ?? undefined) !== undefined,
    );
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? timestamp(now);
  }
}
