import { noteText } from '../../machinery/json/known-text.js';
import { isJsonArray, isJsonObject, setOwn, type JsonObject, type JsonValue } from '../../machinery/structure.js';

/** Larger specs are not kept. */
const NODES_MAX = 2_000;
const CHARACTERS_MAX = 32_768;
/** What may stand in the blank: a text that is the same in JSON, and in no other's middle. */
const DRAWN = /^[a-z0-9][-a-z0-9]{6,61}[a-z0-9]$/;

interface Blank {
  readonly form: 'blank';
}
const BLANK: Blank = { form: 'blank' };

interface MapForm {
  readonly form: 'map';
  readonly keys: readonly string[];
  readonly values: readonly Form[];
  readonly source: JsonObject;
  readonly hasBlank: boolean;
}

interface ListForm {
  readonly form: 'list';
  readonly items: readonly Form[];
  readonly source: readonly JsonValue[];
  readonly hasBlank: boolean;
}

type Scalar = string | number | bigint | boolean | null | undefined;
type Form = Scalar | Blank | MapForm | ListForm;

/** A field of the spec: its form, and the parts of its JSON around the blanks where it is no scalar. */
interface Member {
  readonly name: string;
  readonly form: Form;
  readonly texts: readonly string[];
}

/**
 * One spec, and all that differ from it by a drawn text alone. Such a spec is filled in anew from the parts of the first one,
 * which all of them share and nobody may change, and its JSON from the texts around the drawn one.
 */
export class SpecForm {
  readonly #whole: MapForm;
  readonly #texts: readonly string[];
  readonly #members: readonly Member[];

  private constructor(whole: MapForm, texts: readonly string[], members: readonly Member[]) {
    this.#whole = whole;
    this.#texts = texts;
    this.#members = members;
  }

  /** Takes the parts of `spec` over, for good. `undefined` for one that cannot be the first of many. */
  static of(spec: JsonObject, drawn: string | undefined): SpecForm | undefined {
    if (drawn !== undefined && !DRAWN.test(drawn)) return undefined;
    const reader = new Reader(drawn);
    const whole = reader.readMap(spec);
    if (reader.isBeyondIt) return undefined;
    const texts = textsOf(whole, drawn);
    if (texts.reduce((sum, { length }) => sum + length, 0) > CHARACTERS_MAX) return undefined;
    // Where the drawn text stands in the middle of another, too, it is no text of its own.
    if (texts.length - 1 !== reader.blanks) return undefined;
    const members = whole.keys.map((name, at): Member => {
      const form = whole.values[at];
      if (!isShared(form)) return { name, form, texts: [] };
      return { name, form, texts: textsOf(form, drawn) };
    });
    for (const { form, texts } of members) {
      if (!isShared(form)) continue;
      if (!form.hasBlank) noteText(form.source, { parts: texts, between: '' });
      freeze(form);
    }
    return new SpecForm(whole, texts, members);
  }

  /** The same spec, made of shared parts; `undefined` when it differs by more than what is drawn. */
  shared(spec: JsonObject, drawn: string | undefined): JsonObject | undefined {
    if (drawn !== undefined && !DRAWN.test(drawn)) return undefined;
    if (!isOfForm(this.#whole, spec, drawn)) return undefined;
    const made: Record<string, unknown> = {};
    for (const { name, form, texts } of this.#members) {
      const value = filled(form, drawn);
      if (texts.length > 1) noteText(value as object, { parts: texts, between: drawn ?? '' });
      made[name] = value;
    }
    noteText(made, { parts: this.#texts, between: drawn ?? '' });
    return made as JsonObject;
  }
}

class Reader {
  readonly #drawn: string | undefined;
  #nodes = 0;
  /** Whether the spec holds too much, or what JSON.stringify refuses. */
  isBeyondIt = false;
  blanks = 0;

  constructor(drawn: string | undefined) {
    this.#drawn = drawn;
  }

  readMap(source: JsonObject): MapForm {
    const before = this.blanks;
    const keys = Object.keys(source);
    const values = keys.map((key) => this.#read(source[key]));
    return { form: 'map', keys, values, source, hasBlank: this.blanks > before };
  }

  #read(value: JsonValue | undefined): Form {
    if (++this.#nodes > NODES_MAX || typeof value === 'bigint') this.isBeyondIt = true;
    if (this.isBeyondIt) return undefined;
    if (isJsonArray(value)) {
      const before = this.blanks;
      const items = value.map((item) => this.#read(item));
      return { form: 'list', items, source: value, hasBlank: this.blanks > before };
    }
    if (isJsonObject(value)) return this.readMap(value);
    if (value === undefined || value !== this.#drawn) return value;
    this.blanks++;
    return BLANK;
  }
}

const textsOf = ({ source, hasBlank }: MapForm | ListForm, drawn: string | undefined): readonly string[] =>
  drawn !== undefined && hasBlank ? JSON.stringify(source).split(drawn) : [JSON.stringify(source)];

const isShared = (form: Form): form is MapForm | ListForm =>
  typeof form === 'object' && form !== null && form.form !== 'blank';

function isOfForm(form: Form, value: unknown, drawn: string | undefined): boolean {
  if (typeof form !== 'object' || form === null) return value === form;
  if (form.form === 'blank') return value === drawn;
  if (value === form.source && !form.hasBlank) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (form.form === 'list') return isOfList(form, value, drawn);
  return isOfMap(form, value as Readonly<Record<string, unknown>>, drawn);
}

function isOfMap(
  { keys, values }: MapForm,
  value: Readonly<Record<string, unknown>>,
  drawn: string | undefined,
): boolean {
  if (Array.isArray(value)) return false;
  let at = 0;
  for (const key in value) {
    // In the same order, as their text is.
    if (keys[at] !== key || !isOfForm(values[at], value[key], drawn)) return false;
    at++;
  }
  return at === keys.length;
}

function isOfList({ items }: ListForm, value: object, drawn: string | undefined): boolean {
  if (!Array.isArray(value) || value.length !== items.length) return false;
  for (let at = 0; at < items.length; at++) if (!isOfForm(items[at], value[at], drawn)) return false;
  return true;
}

function filled(form: Form, drawn: string | undefined): unknown {
  if (typeof form !== 'object' || form === null) return form;
  if (form.form === 'blank') return drawn;
  if (!form.hasBlank) return form.source;
  if (form.form === 'list') return form.items.map((item) => filled(item, drawn));
  const made: Record<string, unknown> = {};
  for (let at = 0; at < form.keys.length; at++) setOwn(made, form.keys[at]!, filled(form.values[at], drawn));
  return made;
}

/** All that is shared. */
function freeze(form: Form): void {
  if (!isShared(form)) return;
  for (const each of form.form === 'list' ? form.items : form.values) freeze(each);
  Object.freeze(form.source);
}
