/** What is wrong with a part of a configuration, and where: `profiles[0].plugins.score`, say. */
export interface ConfigurationProblem {
  readonly path: string;
  /** Without the path: `must be …`. */
  readonly message: string;
}

/** Tells what is wrong with a value that came as JSON. */
export type Check = (value: unknown, path: string) => readonly ConfigurationProblem[];

const fault = (path: string, message: string): readonly ConfigurationProblem[] => [{ path, message }];
const NONE: readonly ConfigurationProblem[] = Object.freeze([]);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing but these fields, of which some have to be there. */
export const fields =
  (checks: Readonly<Record<string, Check>>, needed: readonly string[] = []): Check =>
  (value, path) => {
    if (!isRecord(value)) return fault(path, 'must be an object');
    const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
    const missing = needed
      .filter((name) => value[name] === undefined)
      .flatMap((name) => fault(at(name), 'must be given'));
    const wrong = Object.entries(value).flatMap(([name, given]) => {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      return check === undefined ? fault(at(name), 'is not a known field') : check(given, at(name));
    });
    return [...missing, ...wrong];
  };

export const listOf =
  (check: Check, countMax: number): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return fault(path, 'must be a list');
    if (value.length > countMax) return fault(path, `must have at most ${countMax} entries`);
    return value.flatMap((each, index) => check(each, `${path}[${index}]`));
  };

export const integer =
  (min: number, max: number): Check =>
  (value, path) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max
      ? NONE
      : fault(path, `must be an integer from ${min} to ${max}`);

export const text: Check = (value, path) =>
  typeof value === 'string' && value !== '' ? NONE : fault(path, 'must be a text that is not empty');

export const truth: Check = (value, path) => (typeof value === 'boolean' ? NONE : fault(path, 'must be true or false'));

export const oneOf =
  (...choices: readonly string[]): Check =>
  (value, path) =>
    typeof value === 'string' && choices.includes(value) ? NONE : fault(path, `must be one of ${choices.join(', ')}`);

/** Taken as it comes: upstream's field has nothing to say to a simulation. */
export const anything: Check = () => NONE;

/** A check of the whole, made where its parts are right. */
export const where =
  (parts: Check, whole: (value: Readonly<Record<string, unknown>>) => string | undefined): Check =>
  (value, path) => {
    const problems = parts(value, path);
    if (problems.length > 0 || !isRecord(value)) return problems;
    const message = whole(value);
    return message === undefined ? NONE : fault(path, message);
  };
