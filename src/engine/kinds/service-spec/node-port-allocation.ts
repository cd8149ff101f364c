/** Node ports out of one range for the whole cluster. A port is taken when the index of Services by node port has it. */
import type { Service } from '../../machinery/api/core-v1.js';
import { invalid } from '../../machinery/field-error.js';
import type { Kind, StrategyContext } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import type { Index } from '../../machinery/resource-reader.port.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import * as status from '../../machinery/status-error.js';
import { getsNodePorts, mayHaveNodePorts, needsHealthCheck, nodePortsOf } from './service-traits.js';

const PORT_MIN = 30_000;
const PORT_MAX = 32_767;
/** Ports below this are kept for clients that choose one; random ones come out of the rest while it lasts. */
const DYNAMIC_PORT_MIN = PORT_MIN + 86;
const TAKEN = 'provided port is already allocated';
const OUT_OF_RANGE = `provided port is not in the valid range. The range of valid ports is ${PORT_MIN}-${PORT_MAX}`;

export const servicesByNodePort: Index<Service> = defineIndex<Service>({
  name: 'nodePort',
  keysOf(service) {
    const { healthCheckNodePort = 0 } = service.spec;
    const ports = healthCheckNodePort === 0 ? nodePortsOf(service) : [...nodePortsOf(service), healthCheckNodePort];
    return [...new Set(ports)].map(String);
  },
});

/** The ports of one write: what others hold, and what this write has taken already. */
class NodePorts {
  readonly #taken = new Set<number>();
  readonly #kind: Kind<Service>;
  readonly #context: StrategyContext;

  constructor(kind: Kind<Service>, context: StrategyContext) {
    this.#kind = kind;
    this.#context = context;
  }

  /** What is wrong with taking this port; undefined, and taken, when nothing is. */
  claim(port: number): string | undefined {
    if (port < PORT_MIN || port > PORT_MAX) return OUT_OF_RANGE;
    if (!this.#isFree(port)) return TAKEN;
    this.#taken.add(port);
    return undefined;
  }

  next(): number | undefined {
    for (const [from, to] of [
      [DYNAMIC_PORT_MIN, PORT_MAX],
      [PORT_MIN, DYNAMIC_PORT_MIN - 1],
    ] as const) {
      const size = to - from + 1;
      const start = this.#context.random.below(size);
      for (let step = 0; step < size; step++) {
        const port = from + ((start + step) % size);
        if (this.#isFree(port)) {
          this.#taken.add(port);
          return port;
        }
      }
    }
    return undefined;
  }

  #isFree(port: number): boolean {
    return (
      !this.#taken.has(port) && this.#context.reader.indexed(this.#kind, servicesByNodePort, String(port)).length === 0
    );
  }
}

/** On create: one node port for each port number, shared between its protocols. Throws a StatusError when it cannot. */
export function allocateNodePorts(kind: Kind<Service>, draft: Draft<Service>, context: StrategyContext): void {
  const pool = new NodePorts(kind, context);
  if (mayHaveNodePorts(draft)) fillNodePorts(draft, pool);
  if (needsHealthCheck(draft)) fillHealthCheckPort(draft, pool);
}

/** On update: the ports that the Service had stay its own. */
export function updateNodePorts(
  kind: Kind<Service>,
  draft: Draft<Service>,
  old: Service,
  context: StrategyContext,
): void {
  const pool = new NodePorts(kind, context);
  if (mayHaveNodePorts(draft)) {
    const held = new Set(nodePortsOf(old));
    for (const [index, port] of (draft.spec.ports ?? []).entries()) {
      const { nodePort = 0 } = port;
      if (nodePort !== 0) {
        if (held.has(nodePort)) continue;
        held.add(nodePort);
        refuse(draft, index, nodePort, pool.claim(nodePort));
      } else if (getsNodePorts(draft)) {
        port.nodePort = nextOf(pool);
      }
    }
  }
  if (needsHealthCheck(draft) && !needsHealthCheck(old)) fillHealthCheckPort(draft, pool);
}

function fillNodePorts(draft: Draft<Service>, pool: NodePorts): void {
  const ports = draft.spec.ports ?? [];
  const byPort = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    const { nodePort = 0 } = port;
    if (nodePort === 0 && !getsNodePorts(draft)) continue;
    const shared = byPort.get(port.port);
    if (shared === undefined) {
      const wanted = ports.find((each) => each.port === port.port && (each.nodePort ?? 0) !== 0)?.nodePort;
      if (wanted !== undefined) refuse(draft, index, wanted, pool.claim(wanted));
      port.nodePort = wanted ?? nextOf(pool);
      byPort.set(port.port, port.nodePort);
    } else if (nodePort === 0) {
      port.nodePort = shared;
    } else if (nodePort !== shared) {
      refuse(draft, index, nodePort, pool.claim(nodePort));
    }
  }
}

function fillHealthCheckPort({ spec }: Draft<Service>, pool: NodePorts): void {
  const { healthCheckNodePort: wanted = 0 } = spec;
  if (wanted === 0) {
    const port = pool.next();
    if (port === undefined) throw status.internalError('failed to allocate a HealthCheck NodePort 0: range is full');
    spec.healthCheckNodePort = port;
    return;
  }
  const fault = pool.claim(wanted);
  if (fault === undefined) return;
  throw status.internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${fault}`);
}

function nextOf(pool: NodePorts): number {
  const port = pool.next();
  if (port === undefined) throw status.internalError('failed to allocate a nodePort: range is full');
  return port;
}

function refuse({ metadata }: Service, index: number, port: number, fault: string | undefined): void {
  if (fault === undefined) return;
  const error = invalid(`spec.ports[${index}].nodePort`, port, fault);
  throw status.invalid({ group: '', kind: 'Service' }, metadata.name, [error]);
}
