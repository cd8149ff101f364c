import type { Container, Probe } from '../machinery/api/core-v1.js';

/** The TCP ports on which a server in this container is taken to listen: those that it declares, and those that are probed. */
export function declaredPorts(container: Container): ReadonlySet<number> {
  const { ports = [], livenessProbe, readinessProbe, startupProbe } = container;
  const declared = ports.filter(({ protocol = 'TCP' }) => protocol === 'TCP').map((port) => port.containerPort);
  const probed = [livenessProbe, readinessProbe, startupProbe].map((probe) => probedPort(probe, container));
  return new Set([...declared, ...probed.filter((port) => port !== undefined)]);
}

function probedPort(probe: Probe | undefined, { ports = [] }: Container): number | undefined {
  const port = probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
  if (typeof port !== 'string') return port;
  return ports.find(({ name }) => name === port)?.containerPort;
}
