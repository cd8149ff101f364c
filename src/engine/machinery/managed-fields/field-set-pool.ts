import type { JsonObject } from '../structure.js';
import { isJsonObject } from '../structure.js';
import { FieldSet, setBehind, type FieldSetContent } from './field-set.js';
import { canonicalText, compareElements, elementOf, type PathElement } from './path-element.js';

/** Sets that are remembered, so that equal ones are one: shapes of objects, of which a process has few. */
const SETS_MAX = 50_000;
const ELEMENTS_MAX = 50_000;
/** Results that are remembered, for each operation. */
const RESULTS_MAX = 50_000;
/** A pair of ids below this makes one exact number. */
const PAIRED_ID_MAX = 2 ** 26;
const FIELDS_DEPTH_MAX = 256;

/** A set, and one of the orders in which its content was given. */
interface KnownSet {
  readonly content: FieldSetContent;
  readonly set: FieldSet;
}

const NONE: readonly KnownSet[] = [];

type Operation = (left: FieldSet, right: FieldSet) => FieldSet;

/**
 * Makes field sets and computes with them. Objects of one shape are owned alike, so equal sets are one object, and what two
 * of them come to is computed once. It forgets everything when it grows too large: nothing depends on what it remembers.
 */
export class FieldSetPool {
  readonly empty: FieldSet;
  #lastId = 0;
  readonly #sets = new Map<number, KnownSet[]>();
  #setCount = 0;
  readonly #elements = new Map<string, PathElement>();
  readonly #unions = new Map<number, FieldSet>();
  readonly #differences = new Map<number, FieldSet>();
  readonly #recursiveDifferences = new Map<number, FieldSet>();

  constructor() {
    this.empty = new FieldSet(this, 0, 0, { elements: [], members: [], children: [] });
  }

  /** The step with this text, which must be canonical. */
  element(text: string): PathElement {
    let element = this.#elements.get(text);
    if (element === undefined) {
      if (this.#elements.size >= ELEMENTS_MAX) this.#elements.clear();
      element = elementOf(text);
      this.#elements.set(text, element);
    }
    return element;
  }

  /**
   * A set of this content, in any order: each element once and with something to say, no child empty. Objects of one shape
   * name their fields in one order, so mostly the very sequence is known and nothing is sorted.
   */
  make(content: FieldSetContent): FieldSet {
    if (content.elements.length === 0) return this.empty;
    const hash = hashOf(content);
    for (const known of this.#sets.get(hash) ?? NONE) if (isSame(known.content, content)) return known.set;
    const kept = exact(content);
    const ordered = inOrder(kept);
    const set = ordered === kept ? new FieldSet(this, ++this.#lastId, hash, kept) : this.make(ordered);
    this.#remember(hash, { content: ordered === kept ? set : kept, set });
    return set;
  }

  #remember(hash: number, known: KnownSet): void {
    if (this.#setCount >= SETS_MAX) this.#forgetSets();
    this.#setCount++;
    const bucket = this.#sets.get(hash);
    if (bucket === undefined) this.#sets.set(hash, [known]);
    else bucket.push(known);
  }

  /** Everything in either. */
  union(left: FieldSet, right: FieldSet): FieldSet {
    if (left === right || right.isEmpty) return left;
    if (left.isEmpty) return right;
    return this.#once(this.#unions, left, right, this.#unite);
  }

  /** The members of `left` that `right` has not. */
  difference(left: FieldSet, right: FieldSet): FieldSet {
    if (left === right || left.isEmpty) return this.empty;
    if (right.isEmpty) return left;
    return this.#once(this.#differences, left, right, this.#subtract);
  }

  /** The same, and a member of `right` takes everything below it away, too. */
  recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
    if (left === right || left.isEmpty) return this.empty;
    if (right.isEmpty) return left;
    return this.#once(this.#recursiveDifferences, left, right, this.#subtractDeeply);
  }

  intersection(left: FieldSet, right: FieldSet): FieldSet {
    if (left === right) return left;
    const builder = new FieldSetBuilder();
    zip(left, right, (element, at, other) => {
      if (at < 0 || other < 0) return;
      const [below, otherBelow] = [left.children[at], right.children[other]];
      const child = below === undefined || otherBelow === undefined ? undefined : this.intersection(below, otherBelow);
      builder.add(element, left.members[at] === true && right.members[other] === true, child);
    });
    return builder.build(this);
  }

  /** The set with one member. */
  ofPath([step, ...rest]: readonly PathElement[]): FieldSet {
    if (step === undefined) return this.empty;
    const child = rest.length === 0 ? undefined : this.ofPath(rest);
    return this.make({ elements: [step], members: [child === undefined], children: [child] });
  }

  /** Whether a set has a member. */
  has(set: FieldSet, path: readonly PathElement[]): boolean {
    return !this.intersection(set, this.ofPath(path)).isEmpty;
  }

  /** The set that FieldsV1 says. @throws SyntaxError when a key is no step of a path */
  read(fieldsV1: JsonObject): FieldSet {
    const set = setBehind(fieldsV1);
    return set?.pool === this ? set : this.#read(fieldsV1, 0);
  }

  #read(fields: JsonObject, depth: number): FieldSet {
    if (depth > FIELDS_DEPTH_MAX) throw new SyntaxError('fields are nested too deeply');
    const builder = new FieldSetBuilder();
    for (const key of Object.keys(fields)) {
      if (key === '.') continue;
      const text = canonicalText(key);
      if (text === undefined) continue;
      const below = fields[key];
      if (!isJsonObject(below)) throw new SyntaxError(`no object: ${key}`);
      const child = this.#read(below, depth + 1);
      builder.add(this.element(text), child.isEmpty || Object.hasOwn(below, '.'), child);
    }
    return builder.build(this);
  }

  readonly #unite: Operation = (left, right) => {
    const builder = new FieldSetBuilder();
    zip(left, right, (element, at, other) => {
      const [below, otherBelow] = [left.children[at], right.children[other]];
      const child =
        below === undefined || otherBelow === undefined ? (below ?? otherBelow) : this.union(below, otherBelow);
      builder.add(element, left.members[at] === true || right.members[other] === true, child);
    });
    return builder.build(this);
  };

  readonly #subtract: Operation = (left, right) => {
    const builder = new FieldSetBuilder();
    zip(left, right, (element, at, other) => {
      if (at < 0) return;
      const [below, otherBelow] = [left.children[at], right.children[other]];
      const child = below === undefined || otherBelow === undefined ? below : this.difference(below, otherBelow);
      builder.add(element, left.members[at] === true && right.members[other] !== true, child);
    });
    return builder.build(this);
  };

  readonly #subtractDeeply: Operation = (left, right) => {
    const builder = new FieldSetBuilder();
    zip(left, right, (element, at, other) => {
      if (at < 0 || right.members[other] === true) return;
      const [below, otherBelow] = [left.children[at], right.children[other]];
      const child =
        below === undefined || otherBelow === undefined ? below : this.recursiveDifference(below, otherBelow);
      builder.add(element, left.members[at] === true, child);
    });
    return builder.build(this);
  };

  #once(results: Map<number, FieldSet>, left: FieldSet, right: FieldSet, operate: Operation): FieldSet {
    if (left.id >= PAIRED_ID_MAX || right.id >= PAIRED_ID_MAX) return operate(left, right);
    const key = left.id * PAIRED_ID_MAX + right.id;
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = operate(left, right);
    if (results.size >= RESULTS_MAX) results.clear();
    results.set(key, result);
    return result;
  }

  #forgetSets(): void {
    this.#sets.clear();
    this.#setCount = 0;
  }
}

/** Collects the content of one set, in any order of elements; each element once. */
export class FieldSetBuilder {
  readonly #elements: PathElement[] = [];
  readonly #members: boolean[] = [];
  readonly #children: (FieldSet | undefined)[] = [];

  /** What says nothing is left out. */
  add(element: PathElement, isMember: boolean, child?: FieldSet): void {
    const below = child === undefined || child.isEmpty ? undefined : child;
    if (!isMember && below === undefined) return;
    this.#elements.push(element);
    this.#members.push(isMember);
    this.#children.push(below);
  }

  build(pool: FieldSetPool): FieldSet {
    return pool.make({ elements: this.#elements, members: this.#members, children: this.#children });
  }
}

/** Visits the elements of both in order, with their places; -1 where one has none. */
function zip(
  { elements: left }: FieldSet,
  { elements: right }: FieldSet,
  visit: (element: PathElement, at: number, other: number) => void,
): void {
  let at = 0;
  let other = 0;
  while (at < left.length || other < right.length) {
    const [one, two] = [left[at], right[other]];
    const order = one === undefined ? 1 : two === undefined ? -1 : compareElements(one, two);
    if (order === 0) visit(one!, at++, other++);
    else if (order < 0) visit(one!, at++, -1);
    else visit(two!, -1, other++);
  }
}

/** Without the room that lists keep which have grown. */
const exact = ({ elements, members, children }: FieldSetContent): FieldSetContent => ({
  elements: elements.slice(),
  members: members.slice(),
  children: children.slice(),
});

/** The content itself where it is in the order of FieldsV1. */
function inOrder(content: FieldSetContent): FieldSetContent {
  const { elements, members, children } = content;
  if (elements.every((each, at) => at === 0 || compareElements(elements[at - 1]!, each) < 0)) return content;
  const places = elements.map((_, at) => at).sort((a, b) => compareElements(elements[a]!, elements[b]!));
  return {
    elements: places.map((at) => elements[at]!),
    members: places.map((at) => members[at]!),
    children: places.map((at) => children[at]),
  };
}

function hashOf({ elements, members, children }: FieldSetContent): number {
  let hash = 17;
  for (let at = 0; at < elements.length; at++) {
    hash = Math.imul(hash ^ elements[at]!.hash, 0x01000193);
    hash = Math.imul(hash ^ (children[at]?.hash ?? 0), 0x01000193) + (members[at] === true ? 1 : 2);
  }
  return hash | 0;
}

/** Children are compared by identity: at worst two equal sets are two objects. */
function isSame(set: FieldSetContent, { elements, members, children }: FieldSetContent): boolean {
  if (set.elements.length !== elements.length) return false;
  for (let at = 0; at < elements.length; at++) {
    if (set.children[at] !== children[at] || set.members[at] !== members[at]) return false;
    if (set.elements[at] !== elements[at] && set.elements[at]!.text !== elements[at]!.text) return false;
  }
  return true;
}
