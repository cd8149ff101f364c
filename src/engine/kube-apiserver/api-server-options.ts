import type { Simulation } from '../kernel/simulation.js';
import type { Store } from '../etcd/store.js';
import type { Kind } from '../machinery/kind.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { AuditOptions } from './audit/auditor.js';
import type { Authorizer } from './authorizer.port.js';
import type { RequestTrust } from './authentication/request-trust.port.js';
import type { HostTokens } from './authentication/host-tokens.port.js';
import type { TokenKeys } from './authentication/token-keys.port.js';
import type { ContainerSessions } from './container-sessions.port.js';
import type { FlowTemplates } from './flow-control/flow-defaults.js';
import type { HeartbeatSource } from './heartbeats.port.js';
import type { LogSource } from './logs.port.js';
import type { OutsideWorld } from './outside/outside-effect.js';
import type { SharedParts } from './shared-parts.js';
import type { StoredObject } from './storage/stored-object.js';

export interface ApiServerOptions {
  readonly store: Store<StoredObject>;
  readonly simulation: Simulation;
  readonly kinds: readonly Kind[];
  readonly text: TextCodec;
  /** What the API servers of a process have in common, made of the same kinds; its own unless given. */
  readonly shared?: SharedParts;
  /** Without it nothing is derived: heartbeats read as they are stored. */
  readonly heartbeats?: HeartbeatSource;
  /** Without it nothing outside the cluster can be reached: no webhook, for one. */
  readonly outside?: OutsideWorld | undefined;
  /** Without it no container has logs. */
  readonly logs?: LogSource;
  /** Without it nothing that runs can be reached. */
  readonly sessions?: ContainerSessions;
  /** Who may do what; unless given, nodes what is theirs and everybody what roles grant. Members of `system:masters` may do everything. */
  readonly authorizer?: Authorizer;
  /** The FlowSchemas and priority levels that the server makes and keeps; without them it makes none. */
  readonly flowTemplates?: FlowTemplates;
  /** What is told of requests; nothing unless given. */
  readonly audit?: AuditOptions | undefined;
  /** Sign the tokens of service accounts; without them there are none. */
  readonly tokenKeys?: TokenKeys | undefined;
  /** Tokens of the server that hosts the cluster, which reviews are told of. */
  readonly hostTokens?: HostTokens | undefined;
  /** Without it servers behind the aggregator are not told whom to believe. */
  readonly requestTrust?: RequestTrust | undefined;
}
