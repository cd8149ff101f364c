import { goQuote } from '../../machinery/go-text.js';

const STANDARD_FINALIZERS: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** What upstream says of a finalizer that a custom resource gets. */
export function finalizerWarning(finalizer: string): string | undefined {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return undefined;
  const path = finalizer.includes('.') ? ' including a path (/)' : '';
  const rule = `prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
  return `metadata.finalizers: ${goQuote(finalizer)}: ${rule}`;
}
