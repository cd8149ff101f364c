import type { Rejection } from './framework.js';

/** What stood in a pod's way: one rejection for the whole cluster, or one for each node. */
export type Diagnosis =
  | { readonly nodeCount: number; readonly everywhere: Rejection; readonly byNode?: never }
  | { readonly nodeCount: number; readonly everywhere?: never; readonly byNode: ReadonlyMap<string, Rejection> };

/** Upstream's words: `0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint(s).` */
export function diagnosisMessage({ nodeCount, everywhere, byNode }: Diagnosis): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const opening = `0/${nodeCount} nodes are available:`;
  if (everywhere !== undefined) return `${opening} ${everywhere.reasons.join(', ')}.`;
  const counts = new Map<string, number>();
  for (const { reasons } of byNode.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const texts = Array.from(counts, ([reason, count]) => `${count} ${reason}`).sort();
  return `${opening} ${texts.join(', ')}.`;
}
