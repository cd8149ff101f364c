/** The Service behind an APIService: who it is, and what is wrong with it. Mirrors the aggregator's availability checks. */
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { service as serviceKind } from '../../kinds/service.js';
import type { APIService, ServiceReference } from '../../machinery/api/apiregistration-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';

const PORT_PRESET = 443;
const SCHEME = 'https://';
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

export interface ServiceFault {
  readonly reason: string;
  readonly message: string;
  /** What a connection to it comes to. */
  readonly fault: string;
}

export const isAvailable = ({ status }: APIService): boolean =>
  status?.conditions?.find(({ type }) => type === 'Available')?.status === 'True';

const portOf = ({ port = PORT_PRESET }: ServiceReference): number => port;

/** What its certificate is for. */
export const serviceName = ({ namespace = '', name = '' }: ServiceReference): string => `${name}.${namespace}.svc`;

/** Why nothing can be asked behind the Service; `undefined` where something could answer. */
export function serviceFault(
  reference: ServiceReference,
  reader: Pick<ResourceReader, 'get' | 'list'>,
): ServiceFault | undefined {
  const { namespace = '', name = '' } = reference;
  const port = portOf(reference);
  const told = (reason: string, message: string): ServiceFault => ({ reason, message, fault: message });
  const service = reader.get(serviceKind, `${namespace}/${name}`);
  const quoted = `service/${name} in ${goQuote(namespace)}`;
  if (service === undefined) return told('ServiceNotFound', `${quoted} is not present`);
  const { type, ports = [], clusterIP = '' } = service.spec ?? {};
  if (type === 'ClusterIP') {
    const found = ports.find((each) => each.port === port);
    if (found === undefined) return told('ServicePortError', `${quoted} is not listening on port ${port}`);
    const missing = endpointFault(reader, { namespace, name, portName: found.name ?? '' });
    if (missing !== undefined) return told(missing[0], missing[1]);
  }
  if (clusterIP === 'None') return told('FailedDiscoveryCheck', 'cannot route to service with ClusterIP "None"');
  return undefined;
}

/** Where no program runs behind a Service of the simulation, nobody listens. */
export function connectionFault(base: string, path: string): ServiceFault {
  const url = `${base}${path}`;
  const fault = `dial tcp ${base.slice(SCHEME.length)}: connect: connection refused`;
  const message = `failing or missing response from ${url}: Get ${goQuote(url)}: ${fault}`;
  return { reason: 'FailedDiscoveryCheck', message, fault };
}

/** Where the Service is reached in the cluster. */
export function serviceBase(reference: ServiceReference, reader: Pick<ResourceReader, 'get'>): string {
  const { namespace = '', name = '' } = reference;
  const service = reader.get(serviceKind, `${namespace}/${name}`);
  const { type, externalName = '', clusterIP = '' } = service?.spec ?? {};
  return `${SCHEME}${type === 'ExternalName' ? externalName : clusterIP}:${portOf(reference)}`;
}

function endpointFault(
  reader: Pick<ResourceReader, 'list'>,
  { namespace, name, portName }: { readonly namespace: string; readonly name: string; readonly portName: string },
): readonly [reason: string, message: string] | undefined {
  const slices = reader
    .list(endpointSlice, namespace)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name);
  const quoted = `service/${name} in ${goQuote(namespace)}`;
  if (slices.length === 0) return ['EndpointsNotFound', `cannot find endpointslices for ${quoted}`];
  const isActive = slices.some(
    ({ endpoints, ports }) =>
      endpoints?.some(({ conditions }) => conditions?.ready !== false) === true &&
      ports?.some((each) => (each.name ?? '') === portName && each.port !== undefined) === true,
  );
  if (isActive) return undefined;
  return ['MissingEndpoints', `endpointslices for ${quoted} have no addresses with port name ${goQuote(portName)}`];
}
