import { clusterAdministrator } from '../../src/engine/machinery/user.js';
import { instant } from '../../src/engine/kernel/clock.js';
import { Random } from '../../src/engine/kernel/random.js';
import { fieldErrorMessage } from '../../src/engine/machinery/field-error.js';
import type { Kind, SideWrite, StrategyContext } from '../../src/engine/machinery/kind.js';
import type { Draft, KubeObject } from '../../src/engine/machinery/object.js';
import { apiVersionOf, keyOf } from '../../src/engine/machinery/object.js';
import type { ResourceReader } from '../../src/engine/machinery/resource-reader.port.js';
import { schemaOf } from '../../src/engine/machinery/schema/built-in-schemas.js';
import { decode } from '../../src/engine/machinery/schema/decode.js';
import type { StructSchema } from '../../src/engine/machinery/schema/schema.js';

export const RULES_START = instant(Date.UTC(2026, 0, 1));

/** A body as the API server takes it in: decoded and defaulted. The name is `x`, in namespace `default`, unless given. */
export function draftOf<T extends KubeObject>(kind: Kind<T>, body: object): Draft<T> {
  const metadata = { name: 'x', ...(kind.scope === 'Namespaced' ? { namespace: 'default' } : {}) };
  const { object } = decode(schemaOf(kind.type) as StructSchema, { metadata, ...body }, { strict: false });
  const draft = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object } as unknown as Draft<T>;
  kind.defaults?.(draft);
  return draft;
}

/** Upstream's messages for a new object. */
export function faultsOf<T extends KubeObject>(kind: Kind<T>, body: object): readonly string[] {
  const messages: string[] = [];
  kind.validate?.(draftOf(kind, body) as T, (error) => messages.push(fieldErrorMessage(error)));
  return messages;
}

/** Upstream's messages for a change from one body to another. */
export function updateFaultsOf<T extends KubeObject>(kind: Kind<T>, before: object, now: object): readonly string[] {
  const messages: string[] = [];
  const old = draftOf(kind, before) as T;
  kind.validateUpdate?.(draftOf(kind, now) as T, old, (error) => messages.push(fieldErrorMessage(error)));
  return messages;
}

/** Objects in a map, with the side writes of strategies applied at once. */
export class RulesWorld implements ResourceReader {
  readonly #objects = new Map<string, KubeObject>();
  readonly #random: Random;

  constructor(seed = 1) {
    this.#random = Random.seeded(seed);
  }

  get context(): StrategyContext {
    return {
      now: RULES_START,
      random: this.#random,
      reader: this,
      user: clusterAdministrator,
      also: (write) => this.#apply(write),
    };
  }

  create<T extends KubeObject>(kind: Kind<T>, body: object): T {
    const draft = draftOf(kind, body);
    kind.prepareForCreate?.(draft, this.context);
    return this.put(kind, draft as T);
  }

  update<T extends KubeObject>(kind: Kind<T>, old: T, body: object): T {
    const draft = draftOf(kind, body);
    kind.prepareForUpdate?.(draft, old, this.context);
    return this.put(kind, draft as T);
  }

  delete<T extends KubeObject>(kind: Kind<T>, object: T): void {
    kind.release?.(object, this.context);
    this.#objects.delete(`${kind.kind} ${keyOf(object)}`);
  }

  put<T extends KubeObject>(kind: Kind<T>, object: T): T {
    this.#objects.set(`${kind.kind} ${keyOf(object)}`, object);
    return object;
  }

  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    return this.#objects.get(`${kind.kind} ${key}`) as T | undefined;
  }

  list<T extends KubeObject>(kind: Kind<T>): readonly T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${kind.kind} `)).map(([, object]) => object as T);
  }

  indexed<T extends KubeObject>(
    kind: Kind<T>,
    index: { keysOf(object: T): readonly string[] },
    key: string,
  ): readonly T[] {
    return this.list(kind).filter((object) => index.keysOf(object).includes(key));
  }

  #apply(write: SideWrite): void {
    if (write.type === 'put') this.put(write.kind, write.object);
    else this.#objects.delete(`${write.kind.kind} ${write.key}`);
  }
}
