import type { JsonObject, JsonObjectDraft, JsonValue } from '../structure.js';
import { setOwn } from '../structure.js';
import type { PathElement } from './path-element.js';

/** Where FieldsV1 made by a set keeps the set; not enumerable, so that it is no part of the data. */
const SET = Symbol('field set');
const SELF = '.';
const EMPTY_OBJECT: JsonObject = Object.freeze({});

/**
 * A set of field paths, as a tree of the paths' steps. A step may belong to the set itself, have steps below it that do, or
 * both. Immutable; made by a FieldSetPool, which gives equal sets one identity as long as it remembers them.
 */
export class FieldSet {
  /** Who made it, and compares its like by their ids. */
  readonly pool: object;
  /** Unique in its pool. */
  readonly id: number;
  /** Of the content. */
  readonly hash: number;
  /** In the order of FieldsV1. */
  readonly elements: readonly PathElement[];
  /** Whether the path that ends with the element belongs to the set. */
  readonly members: readonly boolean[];
  /** The paths below the element; never an empty set. */
  readonly children: readonly (FieldSet | undefined)[];
  #contents: string | undefined;
  #text: string | undefined;
  #fields: JsonObject | undefined;
  #fieldsAndSelf: JsonObject | undefined;

  constructor(pool: object, id: number, hash: number, content: FieldSetContent) {
    this.pool = pool;
    this.id = id;
    this.hash = hash;
    this.elements = content.elements;
    this.members = content.members;
    this.children = content.children;
  }

  get isEmpty(): boolean {
    return this.elements.length === 0;
  }

  /** FieldsV1: one object for all who ask, never to be changed. */
  get fieldsV1(): JsonObject {
    this.#fields ??= this.#object(false);
    return this.#fields;
  }

  /** JSON of `fieldsV1`. */
  get text(): string {
    this.#text ??= `{${this.#inside}}`;
    return this.#text;
  }

  /** Calls for each path of the set: the members first, then those below them. */
  forEach(visit: (path: readonly PathElement[]) => void, prefix: readonly PathElement[] = []): void {
    this.elements.forEach((element, at) => {
      if (this.members[at] === true) visit([...prefix, element]);
    });
    this.elements.forEach((element, at) => this.children[at]?.forEach(visit, [...prefix, element]));
  }

  get #inside(): string {
    this.#contents ??= this.elements
      .map((element, at) => `${JSON.stringify(element.text)}:${this.#below(at)}`)
      .join(',');
    return this.#contents;
  }

  #below(at: number): string {
    const child = this.children[at];
    if (child === undefined) return '{}';
    return this.members[at] === true ? `{".":{},${child.#inside}}` : child.text;
  }

  #object(withSelf: boolean): JsonObject {
    const draft: JsonObjectDraft = withSelf ? { [SELF]: EMPTY_OBJECT } : {};
    this.elements.forEach((element, at) => {
      const child = this.children[at];
      const below = child === undefined ? EMPTY_OBJECT : child.#shown(this.members[at] === true);
      setOwn<JsonValue>(draft, element.text, below);
    });
    Object.defineProperty(draft, SET, { value: this });
    return Object.freeze(draft);
  }

  #shown(withSelf: boolean): JsonObject {
    if (!withSelf) return this.fieldsV1;
    this.#fieldsAndSelf ??= this.#object(true);
    return this.#fieldsAndSelf;
  }
}

export interface FieldSetContent {
  readonly elements: readonly PathElement[];
  readonly members: readonly boolean[];
  readonly children: readonly (FieldSet | undefined)[];
}

/** The set that FieldsV1 was made from; `undefined` when it came from elsewhere. */
export const setBehind = (fieldsV1: object): FieldSet | undefined => (fieldsV1 as { readonly [SET]?: FieldSet })[SET];
