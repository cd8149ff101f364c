import { endOfValue, outlineOf } from '../machinery/json/outline.js';
import { countFields } from '../machinery/json/parse-json.js';
import type { StructSchema } from '../machinery/schema/schema.js';
import { isJsonObject, jsonCopy, type JsonObject, type JsonValue } from '../machinery/structure.js';

const NAME = 'spec';
const OPENING = '"spec":';
const STAND_IN = 'null';
/** Shorter ones are read as fast as they are found, longer ones are not kept. */
const CHARACTERS_MIN = 256;
const CHARACTERS_MAX = 32_768;
/** Specs that are kept, and beginnings of others that came by lately. */
const SPECS_MAX = 32;
const GLIMPSES_MAX = 16;

interface KnownSpec {
  readonly schema: StructSchema;
  readonly text: string;
  /** As decoded, before any default. Never handed out. */
  readonly spec: JsonObject;
}

/** A body without its spec, which is known. */
export interface RecalledBody {
  /** The spec is null. */
  readonly value: JsonObject;
  /** A private copy, as decoded. */
  readonly spec: JsonObject;
}

/**
 * Remembers what the specs of latest requests were decoded to, by their very text. Who creates many objects creates them
 * alike but for their metadata, and most of such a body is then neither parsed nor checked again. Only texts that came
 * twice are kept, and only those without a fault.
 */
export class SpecMemory {
  readonly #known: KnownSpec[] = [];
  readonly #glimpses: string[] = [];

  /** `undefined` for a body that must be read as a whole. */
  recall(schema: StructSchema, text: string): RecalledBody | undefined {
    if (text.length < CHARACTERS_MIN || this.#known.length === 0) return undefined;
    const at = text.indexOf(OPENING);
    // Behind a backslash the quote is part of another name.
    if (at < 1 || text[at - 1] === '\\') return undefined;
    const start = at + OPENING.length;
    const known = this.#find(schema, text, start);
    if (known === undefined) return undefined;
    const rest = `${text.slice(0, start)}${STAND_IN}${text.slice(start + known.text.length)}`;
    const outline = outlineOf(rest, start);
    if (outline?.depth !== 1) return undefined;
    try {
      const value = JSON.parse(rest) as JsonValue;
      // Where a field is doubled, the exact reader knows which one counts.
      if (!isJsonObject(value) || value[NAME] !== null || countFields(value) !== outline.fields) return undefined;
      return { value, spec: jsonCopy(known.spec) as JsonObject };
    } catch {
      return undefined; // The exact reader finds the words for what is wrong.
    }
  }

  /** Takes note of a body that was decoded without a fault to `object`, which may be changed afterwards. */
  note(schema: StructSchema, text: string, object: JsonObject): void {
    if (text.length < CHARACTERS_MIN) return;
    const start = text.indexOf(OPENING) + OPENING.length;
    if (start < OPENING.length || !this.#isSeenAgain(text.slice(start, start + CHARACTERS_MIN))) return;
    const end = endOfValue(text, start);
    const spec = object[NAME];
    const length = end - start;
    if (length < CHARACTERS_MIN || length > CHARACTERS_MAX || !isJsonObject(spec)) return;
    // A field that is encoded when absent, too, has its place in the object whatever it holds.
    if (schema.fields.get(NAME)?.whenAbsent !== 'zero' || outlineOf(text, start)?.depth !== 1) return;
    if (this.#known.length >= SPECS_MAX) this.#known.pop();
    this.#known.unshift({ schema, text: text.slice(start, end), spec: jsonCopy(spec) as JsonObject });
  }

  #find(schema: StructSchema, text: string, start: number): KnownSpec | undefined {
    const all = this.#known;
    for (let at = 0; at < all.length; at++) {
      const known = all[at]!;
      if (known.schema !== schema) continue;
      // Slices of flat texts are compared many characters at a time.
      if (text.slice(start, start + known.text.length) !== known.text) continue;
      for (let place = at; place > 0; place--) all[place] = all[place - 1]!;
      all[0] = known;
      return known;
    }
    return undefined;
  }

  #isSeenAgain(beginning: string): boolean {
    if (this.#glimpses.includes(beginning)) return true;
    if (this.#glimpses.length >= GLIMPSES_MAX) this.#glimpses.shift();
    this.#glimpses.push(beginning);
    return false;
  }
}
