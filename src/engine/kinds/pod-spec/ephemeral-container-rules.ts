/** The `ephemeralcontainers` subresource: debugging containers are added to a running pod and stay. */
import type { Pod, PodSpec } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';
import { checkAnnotationUpdates, MIRROR_ANNOTATION } from './annotation-rules.js';
import { internalDiff } from './internal-diff.js';
import { dropDisabledFields } from './pod-preparation.js';
import { checkPod } from './pod-rules.js';
import { leniencyFor } from './pod-scope.js';
import { keepAllButSpec } from './pod-subresource.js';

export function prepareEphemeralContainers(draft: Draft<Pod>, old: Pod): void {
  const { ephemeralContainers } = draft.spec;
  const spec = deepClone(old.spec) as Draft<PodSpec>;
  if (ephemeralContainers === undefined) delete spec.ephemeralContainers;
  else spec.ephemeralContainers = ephemeralContainers;
  dropDisabledFields(spec, old.spec);
  draft.spec = spec;
  keepAllButSpec(draft, old);
}

export function checkEphemeralContainersUpdate(report: Report, object: Pod, old: Pod): void {
  if (old.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) {
    return report(forbidden('', 'static pods do not support ephemeral containers'));
  }
  checkPod(report, object, leniencyFor(old.spec));
  checkAnnotationUpdates(report, 'metadata.annotations', object.metadata.annotations, old.metadata.annotations);
  const now = object.spec.ephemeralContainers ?? [];
  for (const each of old.spec.ephemeralContainers ?? []) {
    const next = now.findLast(({ name }) => name === each.name);
    const which = `existing ephemeral containers ${goQuote(each.name)}`;
    if (next === undefined) report(forbidden('spec.ephemeralContainers', `${which} may not be removed\n`));
    else if (!deepEqual(each, next)) {
      const difference = internalDiff('EphemeralContainer', each, next);
      report(forbidden('spec.ephemeralContainers', `${which} may not be changed\n${difference}`));
    }
  }
}
