import { deployment as deploymentKind } from '../../kinds/deployment.js';
import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { without } from '../without.js';
import type { DeploymentSync } from './deployment-sync.js';
import { allOf, hasTemplate, TEMPLATE_HASH_LABEL, type ReplicaSets } from './replica-sets.js';
import { annotationsOfRevision, revisionOf, ROLLBACK_TO } from './revisions.js';

/** The revision that an annotation asks to go back to, 0 for the one before the present; `undefined` where none does. */
export function rollbackRevision({ metadata }: Deployment): number | undefined {
  const text = metadata.annotations?.[ROLLBACK_TO];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

/** Takes the template of a former revision over, if there is such a one and it differs; the request is answered in any case. */
export function rollBack(sync: DeploymentSync, sets: ReplicaSets, asked: number): void {
  const { deployment: current, context } = sync;
  const refuse = (reason: string, message: string): void =>
    context.recorder.record(current, 'Warning', reason, message);
  const { target, revision } = targetOf(sets, asked);
  let next = current;
  if (revision === 0) refuse('DeploymentRollbackRevisionNotFound', 'Unable to find last revision.');
  else if (target === undefined)
    refuse('DeploymentRollbackRevisionNotFound', 'Unable to find the revision to rollback to.');
  else if (hasTemplate(target.spec.template, current.spec.template)) {
    const message = `The rollback revision contains the same template as current deployment "${current.metadata.name}"`;
    refuse('DeploymentRollbackTemplateUnchanged', message);
  } else next = withTemplateOf(current, target);
  const annotations = without(next.metadata.annotations ?? {}, ROLLBACK_TO);
  context.client.update(deploymentKind, { ...next, metadata: { ...next.metadata, annotations } }, ({ error }) => {
    if (error !== undefined) return context.fail(error);
    if (next === current) return;
    const message = `Rolled back deployment "${current.metadata.name}" to revision ${revision}`;
    context.recorder.record(current, 'Normal', 'DeploymentRollback', message);
  });
}

function targetOf(
  sets: ReplicaSets,
  asked: number,
): { readonly target: ReplicaSet | undefined; readonly revision: number } {
  const all = allOf(sets);
  const revision = asked === 0 ? lastRevision(all) : asked;
  return { target: all.find((each) => revisionOf(each) === revision), revision };
}

/** The second highest; 0 where there is none. */
function lastRevision(sets: readonly ReplicaSet[]): number {
  let highest = 0;
  let second = 0;
  for (const revision of sets.map(revisionOf)) {
    if (revision >= highest) [highest, second] = [revision, highest];
    else if (revision > second) second = revision;
  }
  return second;
}

function withTemplateOf(current: Deployment, target: ReplicaSet): Deployment {
  const { template = { metadata: {} } } = target.spec;
  const labels = without(template.metadata?.labels ?? {}, TEMPLATE_HASH_LABEL);
  return {
    ...current,
    metadata: { ...current.metadata, annotations: annotationsOfRevision(current, target) },
    spec: { ...current.spec, template: { ...template, metadata: { ...template.metadata, labels } } },
  };
}
