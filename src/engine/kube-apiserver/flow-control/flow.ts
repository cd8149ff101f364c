import type { FlowSchemaSpec } from '../../machinery/api/flowcontrol-v1.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { PriorityLevel } from './priority-level.js';
import { dealHand, flowHash } from './shuffle-sharding.js';

/** What is kept of a FlowSchema; the uid is empty where the object is missing. */
export interface SchemaObject {
  readonly name: string;
  readonly uid: string;
  readonly spec: FlowSchemaSpec;
}

/** The requests of one schema that are not told apart: they share a hand of queues. */
export class Flow {
  readonly schemaName: string;
  readonly distinguisher: string;
  readonly level: PriorityLevel;
  /** What every answer tells of its classification: not by name, which only administrators know. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #text: TextCodec;
  #hand: readonly number[] | undefined;

  constructor(schema: SchemaObject, level: PriorityLevel, distinguisher: string, text: TextCodec) {
    this.schemaName = schema.name;
    this.distinguisher = distinguisher;
    this.level = level;
    this.#text = text;
    this.headers = Object.freeze({
      'x-kubernetes-pf-flowschema-uid': schema.uid,
      'x-kubernetes-pf-prioritylevel-uid': level.uid,
    });
  }

  /** The queues that it may use; none where its level has none. */
  get hand(): readonly number[] {
    return (this.#hand ??= this.#deal());
  }

  #deal(): readonly number[] {
    const { queuing } = this.level;
    if (queuing === undefined) return [];
    const hash = queuing.queues > 1 ? flowHash(this.schemaName, this.distinguisher, this.#text) : 0n;
    return dealHand(hash, queuing.queues, queuing.handSize);
  }
}

/** By what a schema tells the requests of a level with several queues apart; empty where it does not. */
export function distinguisherOf(
  { spec: { distinguisherMethod } }: SchemaObject,
  { queuing }: PriorityLevel,
  { user, namespace }: AuthorizationAttributes,
): string {
  if (queuing === undefined || queuing.queues <= 1) return '';
  switch (distinguisherMethod?.type) {
    case 'ByUser':
      return user.username;
    case 'ByNamespace':
      return namespace;
    default:
      return '';
  }
}
