/** The schemas and levels in effect, made of the API's objects: upstream's `cfgMeal`. */
import { mandatoryLevels, mandatorySchemas } from '../../kinds/flow-control-spec/mandatory-objects.js';
import { adjustLimits } from './borrowing.js';
import type { SchemaObject } from './flow.js';
import { type LevelObject, PriorityLevel } from './priority-level.js';

export interface FlowConfiguration {
  /** In the order in which they are tried; the last one takes everything. */
  readonly schemas: readonly SchemaObject[];
  readonly levels: ReadonlyMap<string, PriorityLevel>;
}

interface Configured {
  readonly schemas: readonly SchemaObject[];
  readonly levels: readonly LevelObject[];
}

type Levels = Map<string, PriorityLevel>;

const EXEMPT = 'exempt';
const CATCH_ALL = 'catch-all';

/** Levels that were there before keep what is in them, those without a configuration until they are empty. */
export function configure(
  given: Configured,
  previous: ReadonlyMap<string, PriorityLevel>,
  now: number,
): FlowConfiguration {
  const levels: Levels = new Map();
  for (const object of given.levels) {
    const { name } = object;
    if (!isSound(object)) continue;
    const known = previous.get(name);
    known?.adopt(object);
    levels.set(name, known ?? new PriorityLevel(object, now));
  }
  // A schema whose level is not there counts for nothing, even where a level is about to be imagined or kept.
  const schemas = given.schemas.filter(({ spec }) => levels.has(spec.priorityLevelConfiguration.name)).sort(bySequence);
  for (const [name, level] of previous) {
    if (levels.has(name)) continue;
    const isMandatory = Object.hasOwn(mandatoryLevels, name);
    if (!isMandatory && level.queues.isIdle) continue;
    level.isQuiescing = !isMandatory;
    levels.set(name, level);
  }
  for (const [name, spec] of Object.entries(mandatoryLevels)) {
    if (!levels.has(name)) levels.set(name, new PriorityLevel({ name, uid: '', spec }, now));
  }
  divide(levels, now);
  return { schemas: withMandatory(schemas), levels };
}

function divide(levels: Levels, now: number): void {
  const all = [...levels.values()];
  const shareSum = all.reduce((sum, { shares }) => sum + shares, 0);
  for (const level of all) {
    level.divide(shareSum);
    level.queues.advance(now);
    level.demand.endPeriod(now);
  }
  adjustLimits(all, now);
}

function withMandatory(schemas: readonly SchemaObject[]): readonly SchemaObject[] {
  const has = (wanted: string): boolean => schemas.some(({ name }) => name === wanted);
  const missing = (name: string): readonly SchemaObject[] =>
    has(name) ? [] : [{ name, uid: '', spec: mandatorySchemas[name]! }];
  return [...missing(EXEMPT), ...schemas, ...missing(CATCH_ALL)];
}

/** What the API does not let through and an older server may have stored. */
function isSound({ name, spec: { type, limited, exempt } }: LevelObject): boolean {
  if ((type === 'Limited') !== (limited !== undefined) || (type === 'Exempt') !== (exempt !== undefined)) return false;
  if ((type === 'Exempt') !== (name === EXEMPT)) return false;
  const response = limited?.limitResponse;
  return limited === undefined || (response?.type === 'Queue') === (response?.queuing !== undefined);
}

const bySequence = (a: SchemaObject, b: SchemaObject): number =>
  precedenceOf(a) - precedenceOf(b) || (a.name < b.name ? -1 : 1);

const precedenceOf = ({ spec }: SchemaObject): number => spec.matchingPrecedence ?? 0;
