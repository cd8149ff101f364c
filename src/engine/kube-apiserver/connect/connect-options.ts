import { badRequest } from '../../machinery/status-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import type { ExpectedBody } from '../decode-body.js';
import type { ResourceRequest } from '../request-context.js';
import { structOf } from '../subresources/object-face.js';

const PORT = /^\d+$/;
const UINT32_MAX = 4_294_967_295;

/** What a connection is asked for, as upstream reads it from the query: `PodExecOptions` and its like. */
export interface ConnectOptions {
  readonly kind: string;
  readonly apiVersion: 'v1';
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  tty?: boolean;
  container?: string;
  command?: string[];
  ports?: number[];
  /** Of a proxied request, below the proxy. */
  path?: string;
}

export interface Connecting {
  readonly options: ConnectOptions;
  /** What the options are to admission. */
  readonly body: ExpectedBody;
}

/** @throws StatusError 400 */
export function connectingOf(context: ResourceRequest): Connecting {
  const { kind, subresource = '' } = context.target;
  if (context.query.has('dryRun')) throw badRequest('dryRun is not supported');
  const type = `${kind.kind}${OPTIONS[subresource] ?? 'ProxyOptions'}`;
  const body = { group: '', version: 'v1', kind: type, schema: structOf(`k8s.io/api/core/v1.${type}`) };
  return { options: { kind: type, apiVersion: 'v1', ...partsOf(context) }, body };
}

const OPTIONS: Readonly<Record<string, string>> = {
  attach: 'AttachOptions',
  exec: 'ExecOptions',
  portforward: 'PortForwardOptions',
};

/** As admission handles objects; there is no metadata in it. */
export const asAdmitted = (options: ConnectOptions): Draft<KubeObject> => options as object as Draft<KubeObject>;

function partsOf(context: ResourceRequest): Partial<ConnectOptions> {
  const { query, target } = context;
  switch (target.subresource) {
    case 'portforward': {
      const ports = query.all('ports').map(portOf);
      return ports.length === 0 ? {} : { ports };
    }
    case 'attach':
    case 'exec': {
      const container = query.get('container') ?? '';
      const command = target.subresource === 'exec' ? query.all('command') : [];
      return {
        ...(query.flag('stdin') && { stdin: true }),
        ...(query.flag('stdout') && { stdout: true }),
        ...(query.flag('stderr') && { stderr: true }),
        ...(query.flag('tty') && { tty: true }),
        ...(container !== '' && { container }),
        ...(command.length > 0 && { command: [...command] }),
      };
    }
    default: {
      const path = pathBelow(context);
      return path === '' ? {} : { path };
    }
  }
}

function portOf(text: string): number {
  const fault = (why: string): Error =>
    badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${goQuote(text)}: ${why}`);
  if (!PORT.test(text)) throw fault('invalid syntax');
  const port = Number(text);
  if (port > UINT32_MAX) throw fault('value out of range');
  return port;
}

/** With a slash before it, and with the one that the request ends in. */
export function pathBelow(context: ResourceRequest): string {
  const { path } = context.request;
  const segments = segmentsBelow(context).filter((each) => each !== '');
  const below = segments.length === 0 ? '' : `/${segments.map(decodeURIComponent).join('/')}`;
  return path.endsWith('/') && !below.endsWith('/') ? `${below}/` : below;
}

/** Of a proxied request's path, as they were sent. */
export const segmentsBelow = ({ request: { path }, target }: ResourceRequest): readonly string[] =>
  path.split('/').slice(target.namespace === undefined ? 6 : 8);
