import type { Rejection } from './framework.js';

/** What stood in a pod's way: one rejection for the whole cluster, or one for each node that was looked at. */
export interface Diagnosis {
  readonly nodeCount: number;
  readonly everywhere?: Rejection;
  readonly byNode?: readonly Rejection[];
  /** For the nodes that were not looked at. */
  readonly elsewhere?: Rejection;
  /** What came of trying to make room. */
  readonly remedy?: string;
}

/** Upstream's words: `0/5 nodes are available: 2 Insufficient cpu, 3 node(s) had untolerated taint(s). preemption: …`. */
export function diagnosisMessage({ nodeCount, everywhere, byNode = [], elsewhere, remedy }: Diagnosis): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods';
  const opening = `0/${nodeCount} nodes are available:`;
  const ending = remedy === undefined || remedy === '' ? '' : ` ${remedy}`;
  if (everywhere !== undefined) return `${opening} ${everywhere.reasons.join(', ')}.${ending}`;
  const texts = countedReasons(byNode, { rejection: elsewhere, count: nodeCount - byNode.length });
  return texts.length === 0 ? `${opening}${ending}` : `${opening} ${texts.join(', ')}.${ending}`;
}

interface Others {
  readonly rejection: Rejection | undefined;
  readonly count: number;
}

function countedReasons(rejections: readonly Rejection[], others: Others): readonly string[] {
  const alike = new Map<Rejection, number>();
  let run = 0;
  for (let index = 0; index < rejections.length; index++) {
    const rejection = rejections[index];
    run++;
    if (rejection === undefined || rejection === rejections[index + 1]) continue;
    alike.set(rejection, (alike.get(rejection) ?? 0) + run);
    run = 0;
  }
  if (others.rejection !== undefined && others.count > 0) alike.set(others.rejection, others.count);
  const counts = new Map<string, number>();
  for (const [{ reasons }, count] of alike) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  return Array.from(counts, ([reason, count]) => `${count} ${reason}`).sort();
}
