import type { Container, Node, Pod, ResourceRequirements } from '../../../src/engine/machinery/api/core-v1.js';
import { podsOn, taken, unfit, type FilterRule, type ScoreRule } from './model-world.js';

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage', 'example.com/gpu'];
const MEBIBYTE = 1_024 * 1_024;
/** What a container that does not say is taken for when nodes are compared. */
const UNASKED: Amounts = { cpu: 100, memory: 200 * MEBIBYTE };

type Amounts = Readonly<Record<string, number>>;

export const portRule: FilterRule = (world, pod, node) => {
  const others = podsOn(world, node).flatMap(ports);
  const clash = ports(pod).some((a) =>
    others.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.isAny || b.isAny)),
  );
  return clash ? taken("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const ports = ({ spec }: Pod) => {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  return [...spec.containers, ...sidecars].flatMap((container) =>
    (container.ports ?? [])
      .filter(({ hostPort }) => (hostPort ?? 0) > 0)
      .map(({ hostPort = 0, protocol = 'TCP', hostIP = '' }) => ({
        port: hostPort,
        protocol,
        ip: hostIP,
        isAny: hostIP === '' || hostIP === '0.0.0.0',
      })),
  );
};

/** A pod's requests have to fit into what the pods there leave; what the node never had, no pod can make free. */
export const fitRule: FilterRule = (world, pod, node) => {
  const there = podsOn(world, node);
  const reasons: string[] = [];
  let isNeverEnough = false;
  if (there.length + 1 > allocatable(node, 'pods')) reasons.push('Too many pods');
  for (const name of RESOURCES) {
    const wanted = requests(pod)[name] ?? 0;
    if (wanted === 0 || wanted <= allocatable(node, name) - sum(there, name)) continue;
    reasons.push(`Insufficient ${name}`);
    if (wanted > allocatable(node, name)) isNeverEnough = true;
  }
  if (reasons.length === 0) return undefined;
  return isNeverEnough ? unfit(...reasons) : taken(...reasons);
};

/** The less of CPU and memory is taken, the better. */
export const leastAllocatedScores: ScoreRule = (world, pod, nodes) =>
  nodes.map((node) => {
    const shares = ['cpu', 'memory'].flatMap((name) => {
      const capacity = allocatable(node, name);
      if (capacity === 0) return [];
      const used = [...podsOn(world, node), pod].reduce((total, each) => total + (assumedRequests(each)[name] ?? 0), 0);
      return [used > capacity ? 0 : Math.floor(((capacity - used) * 100) / capacity)];
    });
    return shares.length === 0 ? 0 : Math.floor(shares.reduce((total, share) => total + share, 0) / shares.length);
  });

/** The nearer the shares of CPU and memory are to each other, the better. */
export const balanceScores: ScoreRule = (world, pod, nodes) => {
  const asked = requests(pod);
  if ((asked['cpu'] ?? 0) === 0 && (asked['memory'] ?? 0) === 0) return undefined;
  return nodes.map((node) => {
    const shares = ['cpu', 'memory'].flatMap((name) => {
      const capacity = allocatable(node, name);
      return capacity === 0 ? [] : [Math.min(sum([...podsOn(world, node), pod], name) / capacity, 1)];
    });
    const [a = 0, b = a] = shares;
    return Math.trunc((1 - Math.abs((a - b) / 2)) * 100);
  });
};

/** The more bytes of the pod's images are there, weighed by how many nodes have them, the better. */
export const imageScores: ScoreRule = (world, pod, nodes) => {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const [least, most] = [23 * MEBIBYTE, 1_000 * MEBIBYTE * containers.length];
  return nodes.map((node) => {
    const bytes = containers.reduce((total, { image = '' }) => {
      const holders = world.nodes.filter((each) => imageBytes(each, image) !== undefined).length;
      return total + Math.trunc((imageBytes(node, image) ?? 0) * (holders / world.nodes.length));
    }, 0);
    return Math.floor((100 * (Math.min(Math.max(bytes, least), most) - least)) / (most - least));
  });
};

/** An image without a tag is the latest. */
function imageBytes({ status }: Node, image: string): number | undefined {
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  const name = lastPart.includes(':') ? image : `${image}:latest`;
  return status?.images?.find(({ names }) => names?.includes(name) === true)?.sizeBytes;
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

const sum = (pods: readonly Pod[], name: string): number =>
  pods.reduce((total, pod) => total + (requests(pod)[name] ?? 0), 0);

const requests = (pod: Pod): Amounts => podAmounts(pod, {});

function assumedRequests(pod: Pod): Amounts {
  const asked = requests(pod);
  if (pod.spec.resources?.requests === undefined) return podAmounts(pod, UNASKED);
  const missing = Object.entries(UNASKED).filter(([name]) => asked[name] === undefined);
  return podAmounts(pod, Object.fromEntries(missing));
}

/**
 * What runs together is summed up, and the greatest need of any moment counts: an init container runs with the sidecars
 * that were started before it, the containers run with all sidecars. What the pod says as a whole stands above that;
 * overhead comes on top.
 */
function podAmounts({ spec }: Pod, unasked: Amounts): Amounts {
  const result: Record<string, number> = {};
  const asked = (container: Container): Amounts => ({ ...unasked, ...amounts(container.resources?.requests) });
  const containers = spec.containers.map(asked);
  const inits = (spec.initContainers ?? []).map((container) => ({ container, asked: asked(container) }));
  for (const name of RESOURCES) {
    const isAsked = [...containers, ...inits.map((each) => each.asked)].some((each) => each[name] !== undefined);
    const sidecars = (before: number): number =>
      inits
        .slice(0, before)
        .reduce((total, each) => total + (isSidecar(each.container) ? (each.asked[name] ?? 0) : 0), 0);
    const running = containers.reduce((total, each) => total + (each[name] ?? 0), 0) + sidecars(inits.length);
    const moments = inits.map((each, index) => sidecars(index) + (each.asked[name] ?? 0));
    if (isAsked) result[name] = Math.max(running, ...moments);
  }
  Object.assign(result, amounts(spec.resources?.requests));
  for (const [name, amount] of Object.entries(amounts(spec.overhead))) result[name] = (result[name] ?? 0) + amount;
  return result;
}

const amounts = (list: ResourceRequirements['requests']): Amounts =>
  Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, parsed(text, name)]));

const allocatable = ({ status }: Node, name: string): number => parsed(status?.allocatable?.[name], name);

/** CPU in thousandths; amounts in the generated worlds are whole numbers, or thousandths with an `m`. */
function parsed(text: unknown, name: string): number {
  if (typeof text !== 'string') return 0;
  if (text.endsWith('m')) return Number(text.slice(0, -1));
  return Number(text) * (name === 'cpu' ? 1_000 : 1);
}
