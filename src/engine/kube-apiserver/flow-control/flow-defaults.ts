import { flowSchema } from '../../kinds/flow-schema.js';
import { mandatoryLevels, mandatorySchemas } from '../../kinds/flow-control-spec/mandatory-objects.js';
import { priorityLevelConfiguration } from '../../kinds/priority-level-configuration.js';
import { minutes } from '../../kernel/clock.js';
import type { Simulation, Timer } from '../../kernel/simulation.js';
import type { FlowSchema, PriorityLevelConfiguration } from '../../machinery/api/flowcontrol-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceApi, ResourceEvent } from '../../machinery/resource-api.port.js';
import { ALL_POWERFUL_GROUP, type UserInfo } from '../../machinery/user.js';

/** Upstream looks every minute; here a change is looked at after a minute, so that nothing is planned where none is. */
const LOOK_DELAY = minutes(1);
const AUTO_UPDATE = 'apf.kubernetes.io/autoupdate-spec';
const USER: UserInfo = Object.freeze({ username: 'system:apiserver', groups: [ALL_POWERFUL_GROUP] });
const MANAGER = 'api-priority-and-fairness-config-producer-v1';
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
};

type Configured = FlowSchema | PriorityLevelConfiguration;
type Spec = Configured['spec'];

/** What a new server makes, as far as it is looked after. */
interface Template {
  readonly metadata: { readonly name: string };
  readonly spec: Spec;
}

/** The schemas and levels of a new server. */
export interface FlowTemplates {
  readonly schemas: readonly Template[];
  readonly levels: readonly Template[];
}

interface FlowDefaultsOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly templates: FlowTemplates;
}

/**
 * Keeps the schemas and levels that a server makes by itself: what is missing is made anew, what is to be kept as it was is
 * set back, and what is marked as the server's own and is not goes. Mirrors upstream's ensurer of its configuration.
 */
export class FlowDefaults {
  readonly #options: FlowDefaultsOptions;
  #look: Timer | undefined;

  constructor(options: FlowDefaultsOptions) {
    this.#options = options;
  }

  /** Watches for changes from now on, and looks after what was changed before. */
  start(): void {
    const { api, templates } = this.#options;
    const note = ({ type, object, previous }: ResourceEvent<Configured>): void => {
      if (type === 'deleted' || object.metadata.generation !== previous?.metadata.generation || isMarked(object)) {
        this.#plan();
      }
    };
    api.subscribe(flowSchema, note);
    api.subscribe(priorityLevelConfiguration, note);
    const isWhole =
      templates.schemas.every((each) => isAsMade(each, api.get(flowSchema, each.metadata.name))) &&
      templates.levels.every((each) => isAsMade(each, api.get(priorityLevelConfiguration, each.metadata.name)));
    if (!isWhole) this.#plan();
  }

  #plan(): void {
    if (this.#look !== undefined) return;
    this.#look = this.#options.simulation.after(LOOK_DELAY, () => {
      this.#look = undefined;
      const { levels, schemas } = this.#options.templates;
      this.#ensure({ kind: priorityLevelConfiguration, templates: levels, mandatory: mandatoryLevels });
      this.#ensure({ kind: flowSchema, templates: schemas, mandatory: mandatorySchemas });
    });
  }

  /** A refusal leaves things as they are: the next change brings the next look. */
  #ensure({ kind, templates, mandatory }: Ensured): void {
    const { api } = this.#options;
    const origin = { user: USER, fieldManager: MANAGER, kind };
    const done = (): void => undefined;
    for (const { metadata, spec } of templates) {
      const { name } = metadata;
      const current = api.get(kind, name) as Configured | undefined;
      if (current === undefined) {
        const object = { metadata: { name, annotations: { [AUTO_UPDATE]: 'true' } }, spec };
        api.call({ ...origin, verb: 'create', namespace: undefined, object }, done);
        continue;
      }
      const revised = revisedOf(current, spec, Object.hasOwn(mandatory, name));
      if (revised !== undefined) api.call({ ...origin, verb: 'update', object: revised }, done);
    }
    const names = new Set(templates.map(({ metadata }) => metadata.name));
    for (const object of api.list(kind)) {
      const { name } = object.metadata;
      if (!names.has(name) && markOf(object) === true) api.call({ ...origin, verb: 'delete', key: name }, done);
    }
  }
}

interface Ensured {
  readonly kind: Kind;
  readonly templates: readonly Template[];
  readonly mandatory: Readonly<Record<string, unknown>>;
}

/** `undefined` where nothing is to be changed. */
function revisedOf(current: Configured, spec: Spec, isMandatory: boolean): KubeObject | undefined {
  const isKept = isMandatory || (markOf(current) ?? current.metadata.generation === 1);
  const wanted = isKept ? specLike(spec, current) : current.spec;
  const isMarkedSo = markOf(current) === isKept;
  if (isMarkedSo && deepEqual(wanted, current.spec)) return undefined;
  const annotations = isMarkedSo
    ? current.metadata.annotations
    : { ...current.metadata.annotations, [AUTO_UPDATE]: String(isKept) };
  const { metadata, ...rest } = current;
  const revised = {
    ...rest,
    metadata: annotations === undefined ? metadata : { ...metadata, annotations },
    spec: wanted,
  };
  return revised;
}

/** What the exempt level has and lends is its owner's. */
function specLike(spec: Spec, { spec: current }: Configured): Spec {
  if (!('exempt' in spec) || !('exempt' in current)) return spec;
  return { ...spec, exempt: current.exempt };
}

const isAsMade = (template: Template, current: Configured | undefined): boolean =>
  current !== undefined && (markOf(current) === false || deepEqual(template.spec, current.spec));

const isMarked = ({ metadata }: KubeObject): boolean => metadata.annotations?.[AUTO_UPDATE] !== undefined;

const markOf = ({ metadata }: KubeObject): boolean | undefined => BOOLEANS[metadata.annotations?.[AUTO_UPDATE] ?? ''];
