import type { NodeInfo } from './node-info.js';

const REGION_LABEL = 'topology.kubernetes.io/region';
const ZONE_LABEL = 'topology.kubernetes.io/zone';

/** Deals nodes out over their zones, so that a search that ends early has seen all zones alike. */
export function zonesInTurn(nodes: readonly NodeInfo[]): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const { [REGION_LABEL]: region = '', [ZONE_LABEL]: zone = '' } = node.labels;
    const key = `${region}\0${zone}`;
    const members = zones.get(key);
    if (members === undefined) zones.set(key, [node]);
    else members.push(node);
  }
  if (zones.size < 2) return nodes;
  const dealt: NodeInfo[] = [];
  for (let turn = 0; dealt.length < nodes.length; turn++) {
    for (const members of zones.values()) {
      const node = members[turn];
      if (node !== undefined) dealt.push(node);
    }
  }
  return dealt;
}
