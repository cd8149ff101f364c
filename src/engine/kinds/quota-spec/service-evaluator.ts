import type { Service } from '../../machinery/api/core-v1.js';
import { quantityOf } from '../../machinery/quantity.js';
import type { QuotaEvaluator } from './quota-evaluator.js';

const NAMES: readonly string[] = ['count/services', 'services', 'services.loadbalancers', 'services.nodeports'];

export const serviceEvaluator: QuotaEvaluator = Object.freeze({
  handles: ({ subresource }) => subresource === undefined,
  matching: (names) => names.filter((name) => NAMES.includes(name)),
  isInScope: () => false,

  usage(object) {
    const service = object as Service;
    return {
      'count/services': quantityOf(1),
      services: quantityOf(1),
      'services.nodeports': quantityOf(nodePortsOf(service)),
      'services.loadbalancers': quantityOf(service.spec.type === 'LoadBalancer' ? 1 : 0),
    };
  },

  frees: (object, former) => (object as Service).spec.type !== (former as Service).spec.type,
} satisfies QuotaEvaluator);

function nodePortsOf({ spec }: Service): number {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec;
  if (type === 'LoadBalancer' && allocateLoadBalancerNodePorts === false) {
    return ports.filter(({ nodePort = 0 }) => nodePort !== 0).length;
  }
  return type === 'NodePort' || type === 'LoadBalancer' ? ports.length : 0;
}
