import { BOOL, INT, STRING, opaque } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { Extension } from '../values/extension.js';
import type { Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration } from './function.js';

const SEMVER = opaque('kubernetes.Semver');
const VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const NUMERIC = /^\d+$/;

class SemverValue extends Extension {
  override readonly type = SEMVER;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly #prerelease: readonly string[];
  readonly #text: string;

  constructor(text: string, match: RegExpExecArray) {
    super();
    this.#text = text;
    this.numbers = [BigInt(match[1] ?? 0), BigInt(match[2] ?? 0), BigInt(match[3] ?? 0)];
    this.#prerelease = match[4]?.split('.') ?? [];
  }

  /** Build metadata has no say. */
  compare(other: SemverValue): number {
    for (const [index, mine] of this.numbers.entries()) {
      const theirs = other.numbers[index]!;
      if (mine !== theirs) return mine < theirs ? -1 : 1;
    }
    const [left, right] = [this.#prerelease, other.#prerelease];
    if (left.length === 0 || right.length === 0) return Number(left.length === 0) - Number(right.length === 0);
    for (const [index, mine] of left.entries()) {
      const theirs = right[index];
      if (theirs === undefined) return 1;
      const order = compareIdentifiers(mine, theirs);
      if (order !== 0) return order;
    }
    return left.length < right.length ? -1 : 0;
  }

  override equals(other: Value): boolean {
    return other instanceof SemverValue && this.compare(other) === 0;
  }

  override text(): string {
    return this.#text;
  }
}

function compareIdentifiers(left: string, right: string): number {
  const [isLeft, isRight] = [NUMERIC.test(left), NUMERIC.test(right)];
  if (isLeft && isRight) return BigInt(left) < BigInt(right) ? -1 : BigInt(left) > BigInt(right) ? 1 : 0;
  if (isLeft !== isRight) return isLeft ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Takes a leading `v` and leading zeros away, and fills in missing parts. */
function normalised(text: string): string {
  const parts = text.replace(/^v/, '').split('.');
  const [major = '', minor = '0', ...patch] = parts.map((each, index) =>
    index < 3 ? each.replace(/^0+(?=\d)/, '') : each,
  );
  return [major, minor, patch.length === 0 ? '0' : patch.join('.')].join('.');
}

function parse(text: string, isNormalised: boolean): SemverValue | undefined {
  const version = isNormalised ? normalised(text) : text;
  const match = VERSION.exec(version);
  if (match === null || match[4]?.split('.').some((each) => /^0\d+$/.test(each)) === true) return undefined;
  return new SemverValue(version, match);
}

/** Throws a CelError for a text that is none. */
export function semverFromText(text: string, isNormalised: boolean): SemverValue {
  const value = parse(text, isNormalised);
  if (value !== undefined) return value;
  if (text === '') throw new CelError('Version string empty');
  if (text.split('.').length < 3) throw new CelError('No Major.Minor.Patch elements found');
  const odd = text.split('.').find((each) => !NUMERIC.test(each)) ?? text;
  throw new CelError(`Invalid character(s) found in major number "${odd}"`);
}

type Two = readonly [SemverValue, SemverValue];
const number = (name: string, index: 0 | 1 | 2): FunctionDeclaration =>
  declare(
    name,
    member<readonly [SemverValue]>([SEMVER], INT, ([version]) => version.numbers[index]),
  );

export const semvers: readonly FunctionDeclaration[] = [
  declare(
    'semver',
    overload<readonly [string]>([STRING], SEMVER, ([text]) => semverFromText(text, false)),
    overload<readonly [string, boolean]>([STRING, BOOL], SEMVER, ([text, isNormalised]) =>
      semverFromText(text, isNormalised),
    ),
  ),
  declare(
    'isSemver',
    overload<readonly [string]>([STRING], BOOL, ([text]) => parse(text, false) !== undefined),
    overload<readonly [string, boolean]>(
      [STRING, BOOL],
      BOOL,
      ([text, isNormalised]) => parse(text, isNormalised) !== undefined,
    ),
  ),
  declare(
    'isGreaterThan',
    member<Two>([SEMVER, SEMVER], BOOL, ([a, b]) => a.compare(b) > 0),
  ),
  declare(
    'isLessThan',
    member<Two>([SEMVER, SEMVER], BOOL, ([a, b]) => a.compare(b) < 0),
  ),
  declare(
    'compareTo',
    member<Two>([SEMVER, SEMVER], INT, ([a, b]) => BigInt(a.compare(b))),
  ),
  number('major', 0),
  number('minor', 1),
  number('patch', 2),
];
