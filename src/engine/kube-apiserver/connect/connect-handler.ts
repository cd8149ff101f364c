import { pod as podKind } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { badRequest, notFound, unknownError } from '../../machinery/status-error.js';
import type { ContainerSessions, NodeRefusal, PodTarget } from '../container-sessions.port.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { checkNode, containerOf } from '../subresources/container-choice.js';
import type { WireCall, WireReply } from '../wire.js';
import { keyOfTarget } from '../writes/handler-support.js';
import type { ConnectOptions } from './connect-options.js';
import { OpenInputs } from './open-inputs.js';
import type { ConnectionRefusal, PortConnection, ProcessConnection } from './wire-connection.js';

const PLAIN_TEXT = Object.freeze({ 'content-type': 'text/plain; charset=utf-8' });

/** Whether the subresource is a connection to something that runs, which switches protocols. */
export const isConnection = (subresource: string): boolean => ['attach', 'exec', 'portforward'].includes(subresource);

/** Exec, attach and port forwarding. What is wrong is found in the order in which upstream looks. @throws StatusError */
export function handleConnect(
  parts: ServerParts,
  context: ResourceRequest,
  options: ConnectOptions,
  reply: WireReply,
): WireCall {
  const { target } = context;
  const pod = parts.reader.get(podKind, keyOfTarget(target));
  if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, target.name ?? '');
  const isPorts = target.subresource === 'portforward';
  const container = isPorts ? undefined : containerOf(pod, options.container);
  if (pod.spec.nodeName === undefined || pod.spec.nodeName === '') {
    throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  }
  checkNode(parts, pod);
  const { sessions } = parts;
  if (reply.connect === undefined || sessions === undefined) throw badRequest('Upgrade request required');
  const open = new OpenInputs();
  const reach: Reach = { parts, sessions, context, options, pod, open };
  reply.connect(container === undefined ? portConnection(reach) : processConnection(reach, container));
  return { cancel: () => open.cancel() };
}

interface Reach {
  readonly parts: ServerParts;
  readonly sessions: ContainerSessions;
  readonly context: ResourceRequest;
  readonly options: ConnectOptions;
  readonly pod: Pod;
  readonly open: OpenInputs;
}

function processConnection(reach: Reach, container: string): ProcessConnection {
  const { sessions, context, options, pod, open } = reach;
  const { target } = context;
  const { tty = false, stdin = false, stdout = false, stderr = false, command = [] } = options;
  const streams = {
    stdin,
    stdout,
    stderr: stderr && !tty,
  };
  const whole = { ...podTarget(pod), container };
  const none = !streams.stdin && !streams.stdout && !streams.stderr;
  const refusal: NodeRefusal | undefined = none
    ? { status: 400, message: 'you must specify at least 1 of stdin, stdout, stderr' }
    : sessions.refusal(whole);
  return {
    type: 'process',
    ...streams,
    tty,
    command,
    refusal: refusal && refusalOf(reach, refusal),
    start: (sink) =>
      open.keep((tracked) => {
        const ending = {
          stdout: (bytes: Uint8Array) => sink.stdout(bytes),
          stderr: (bytes: Uint8Array) => sink.stderr(bytes),
          exit: (code: number) => tracked(() => sink.exit(code)),
          fail: (message: string) => tracked(() => sink.fail(message)),
        };
        return target.subresource === 'exec'
          ? sessions.exec(whole, { command, tty }, ending)
          : sessions.attach(whole, ending);
      }),
  };
}

function portConnection(reach: Reach): PortConnection {
  const { sessions, options, pod, open } = reach;
  const target = podTarget(pod);
  const refusal = sessions.refusal(target);
  return {
    type: 'ports',
    ports: (options.ports ?? []).map(String),
    refusal: refusal && refusalOf(reach, refusal),
    open: (port, sink) =>
      open.keep((tracked) =>
        sessions.connect(target, port, {
          data: (bytes) => sink.data(bytes),
          end: () => tracked(() => sink.end()),
          fail: (message) => tracked(() => sink.fail(message)),
        }),
      ),
  };
}

const podTarget = ({ metadata: { name, namespace = '' } }: Pod): PodTarget => ({ namespace, pod: name });

function refusalOf({ parts, context }: Reach, { status, message }: NodeRefusal): ConnectionRefusal {
  if (status === 'network') {
    const error = unknownError(`error dialing backend: ${message}`);
    return { response: parts.answers.error(context, error), message: `error sending request: ${message}` };
  }
  const body = [parts.text.encode(message)];
  return {
    response: { status, headers: PLAIN_TEXT, body, revision: parts.storage.revision },
    message: `unable to upgrade connection: ${message}`,
  };
}
