/** Custom resources whose versions a webhook makes of one another. Mirrors apiextensions' webhook converter. */
import { assert } from '../../kernel/assert.js';
import { Random } from '../../kernel/random.js';
import type { Simulation } from '../../kernel/simulation.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { unknownError, type StatusError } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { OutsideEffects } from '../outside/outside-effects.js';
import { statusFault } from '../outside/status-fault.js';
import { webhookTarget } from '../outside/webhook-target.js';
import { isConvertible, type ResourceStorage, type StoredEntry } from '../storage/resource-storage.js';
import type { StoredObject } from '../storage/stored-object.js';
import { attempt, type Settle } from '../writes/settled.js';
import { conversionReview, readConversion, reviewVersionOf } from './conversion-review.js';

const TIMEOUT_SECONDS = 30;
/** Objects that one review asks for, so that its answer is not too large to be read. */
const BATCH_MAX = 100;

interface ConversionsOptions {
  readonly storage: ResourceStorage;
  readonly reader: ResourceReader;
  readonly outside: OutsideEffects;
  readonly text: TextCodec;
  readonly simulation: Simulation;
}

type Done = (error?: StatusError) => void;

/** A review under way, and who else waits for it. `isAlone`: it is about one object, whose failure is everybody's. */
interface Pending {
  readonly isAlone: boolean;
  readonly waiting: Done[];
}

export class Conversions {
  readonly #options: ConversionsOptions;
  /** Not the cluster's sequence: whoever reads must not change what happens in it. */
  readonly #random: Random;
  readonly #pending = new WeakMap<Kind, Map<StoredObject, Pending>>();

  constructor(options: ConversionsOptions) {
    this.#options = options;
    this.#random = Random.seeded(options.simulation.now);
  }

  /** Goes on once everything that is to be read has the form of the kind: at once where nobody outside converts it. */
  whenReady<T>(
    kind: Kind,
    entries: () => readonly StoredEntry[],
    settle: Settle<T>,
    next: (settle: Settle<T>) => void,
  ): void {
    if (kind.custom?.converter === undefined) return next(settle);
    this.ready(kind, entries, (error) => (error === undefined ? attempt(settle, next) : settle({ error })));
  }

  /** The same, for an object that is to be asked for anew though it was converted before. */
  whenFresh<T>(kind: Kind, entry: StoredEntry | undefined, settle: Settle<T>, next: (settle: Settle<T>) => void): void {
    if (kind.custom?.converter === undefined || entry === undefined) return next(settle);
    if (!isConvertible(kind, entry.stored)) return next(settle);
    this.#convert(kind, [entry], (error) => (error === undefined ? attempt(settle, next) : settle({ error })));
  }

  /** `entries` is asked again after each wait: what is read may have changed. */
  ready(kind: Kind, entries: () => readonly StoredEntry[], done: Done): void {
    const { storage } = this.#options;
    if (kind.custom?.converter === undefined) return done();
    const missing = entries().filter((entry) => storage.lacksForm(kind, entry));
    if (missing.length === 0) return done();
    const again: Done = (error) => (error === undefined ? this.ready(kind, entries, done) : done(error));
    const pending = this.#pending.get(kind);
    const free = missing.filter(({ stored }) => pending?.has(stored) !== true);
    if (free.length > 0) return this.#convert(kind, free.slice(0, BATCH_MAX), again);
    const other = pending?.get(missing[0]!.stored);
    assert(other !== undefined, 'an object without a form is under way');
    other.waiting.push((error) => again(other.isAlone ? error : undefined));
  }

  /** An object as the store is to keep it; `undefined` where the storage sees to that itself. */
  toStored(kind: Kind, object: KubeObject, settle: Settle<KubeObject | undefined>): void {
    const storage = kind.storedAs?.kind;
    if (kind.custom?.converter === undefined || storage === undefined) return settle({ value: undefined });
    this.to(storage, object, settle);
  }

  /** An object in the version of the kind. */
  to(kind: Kind, object: KubeObject, settle: Settle<KubeObject>): void {
    if (object.apiVersion === apiVersionOf(kind)) return settle({ value: object });
    this.#review(kind, [object], ({ value, error }) => {
      if (error === undefined) settle({ value: value[0]! });
      else settle({ error });
    });
  }

  #convert(kind: Kind, entries: readonly StoredEntry[], done: Done): void {
    const { storage } = this.#options;
    const review: Pending = { isAlone: entries.length === 1, waiting: [] };
    const pending = this.#pending.get(kind) ?? new Map<StoredObject, Pending>();
    this.#pending.set(kind, pending);
    for (const { stored } of entries) pending.set(stored, review);
    const sources = entries.map(({ stored }) => ownForm(kind, stored.object));
    this.#review(kind, sources, ({ value, error }) => {
      for (const { stored } of entries) if (pending.get(stored) === review) pending.delete(stored);
      value?.forEach((object, index) => storage.noteForm(kind, entries[index]!.stored, object));
      done(error);
      for (const waiting of review.waiting) waiting(error);
    });
  }

  #review(kind: Kind, objects: readonly KubeObject[], settle: Settle<readonly KubeObject[]>): void {
    const { outside, reader, text } = this.#options;
    const converter = kind.custom?.converter;
    assert(converter?.clientConfig !== undefined, 'what is converted has a webhook');
    const [first] = objects;
    const refuse = (fault: string): void =>
      settle({ error: unknownError(`conversion webhook for ${first!.apiVersion}, Kind=${first!.kind}${fault}`) });
    const target = webhookTarget(converter.clientConfig, TIMEOUT_SECONDS, { reader, outside });
    const unreached = (fault: string): void => refuse(` failed: Post ${goQuote(target.shownUrl)}: ${fault}`);
    if (target.url === undefined) return unreached(target.fault);
    const asked = { version: reviewVersionOf(converter), uid: this.#random.uuid(), kind, objects };
    const { caBundle = '' } = converter.clientConfig;
    const call = {
      url: target.url,
      serverName: target.serverName,
      caBundle: caBundle.trim(),
      timeoutSeconds: TIMEOUT_SECONDS,
      body: text.encode(conversionReview(asked.version, asked.uid, kind, objects)),
    };
    outside.call(call, (result) => {
      if (result.fault !== undefined) return unreached(result.fault);
      if (result.status < 200 || result.status > 299) return refuse(` failed: ${statusFault(result, text)}`);
      const { objects: value, fault } = readConversion(text.decode(result.body), asked);
      if (fault === undefined) settle({ value });
      else refuse(fault);
    });
  }
}

/** As its own version has it: defaults come from there, and the other version's have no say. */
function ownForm({ custom }: Kind, object: KubeObject): KubeObject {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1);
  return custom?.versionOf(version)?.storedAs?.fromStored(object) ?? object;
}
