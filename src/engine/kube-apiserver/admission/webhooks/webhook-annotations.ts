/** What the audit log is told of webhooks. Mirrors the annotators of apiserver's webhook dispatchers. */
import type { ParsedValue } from '../../../machinery/structure.js';
import { plainJson } from '../../ownership/plain-json.js';
import type { AdmissionContext } from '../admission.js';
import type { Hook } from './hooks.js';

/** Which call of a request it was. */
export interface CallPlace {
  /** 1 where the webhook looks again. */
  readonly round: number;
  readonly index: number;
}

type Annotate = NonNullable<AdmissionContext['annotate']>;

const keyOf = (prefix: string, { round, index }: CallPlace): string => `${prefix}/round_${round}_index_${index}`;

export function annotateFailedOpen(
  annotate: Annotate,
  type: 'mutation' | 'validating',
  hook: Hook,
  at: CallPlace,
): void {
  annotate(keyOf(`failed-open.${type}.webhook.admission.k8s.io`, at), hook.webhook.name);
}

/** Told of every call, whatever came of it; what it changed only where bodies are told as well. */
export function annotateMutation(
  annotate: Annotate,
  { configuration, webhook: { name: webhook } }: Hook,
  at: CallPlace,
  { mutated, patch }: { readonly mutated: boolean; readonly patch: ParsedValue | undefined },
): void {
  const who = { configuration, webhook };
  if (patch !== undefined) {
    const value = JSON.stringify({ ...who, patch: plainJson(patch), patchType: 'JSONPatch' });
    annotate(keyOf('patch.webhook.admission.k8s.io', at), value, 'Request');
  }
  annotate(keyOf('mutation.webhook.admission.k8s.io', at), JSON.stringify({ ...who, mutated }));
}
