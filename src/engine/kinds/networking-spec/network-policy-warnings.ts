import type { NetworkPolicy, NetworkPolicyPeer } from '../../machinery/api/networking-v1.js';
import { cidrWarnings } from '../shared/cidr-warnings.js';

/** Mirrors `networkPolicyWarnings`. */
export function networkPolicyWarnings({ spec }: NetworkPolicy): readonly string[] {
  return [
    ...(spec?.ingress ?? []).flatMap(({ from = [] }, index) => peerWarnings(`spec.ingress[${index}].from`, from)),
    ...(spec?.egress ?? []).flatMap(({ to = [] }, index) => peerWarnings(`spec.egress[${index}].to`, to)),
  ];
}

const peerWarnings = (path: string, peers: readonly NetworkPolicyPeer[]): readonly string[] =>
  peers.flatMap(({ ipBlock }, index) => {
    if (ipBlock === undefined) return [];
    const at = `${path}[${index}].ipBlock`;
    const excepted = (ipBlock.except ?? []).flatMap((each, position) =>
      cidrWarnings(`${at}.except[${position}]`, each),
    );
    return [...cidrWarnings(`${at}.cidr`, ipBlock.cidr), ...excepted];
  });
