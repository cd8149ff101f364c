/**
 * API priority and fairness as kube-apiserver applies it to requests: classified by FlowSchemas, seated by priority levels,
 * queued fairly, refused with a 429. Requests are executed within one instant, so seats are really held by what goes on
 * beyond it: calls of webhooks, and answers that wait to be durable. One that does not costs a look at its level and no more.
 * Left out: components of the same cluster, who never wait, and upstream's exact moments of adjustment in quiet levels: what
 * happened meanwhile is made up for when the next request comes, so that a quiet cluster plans nothing.
 */
import { flowSchema } from '../../kinds/flow-schema.js';
import { priorityLevelConfiguration } from '../../kinds/priority-level-configuration.js';
import { milliseconds, seconds } from '../../kernel/clock.js';
import type { Simulation, Timer } from '../../kernel/simulation.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import type { ResourceApi } from '../../machinery/resource-api.port.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { requestAttributes } from '../authorization/request-attributes.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { RequestContext } from '../request-context.js';
import { adjustLimits } from './borrowing.js';
import { distinguisherOf, Flow } from './flow.js';
import { FlowDefaults, type FlowTemplates } from './flow-defaults.js';
import { configure, type FlowConfiguration } from './flow-configuration.js';
import type { FlowSchemaStatuses } from './flow-schema-statuses.js';
import { matchesFlowSchema } from './flow-schema-matching.js';
import { isLongRunning, mayBeLongRunning, waitLimitOf } from './request-times.js';
import type { PriorityLevel } from './priority-level.js';
import { Turn, type Usher } from './turn.js';
import { WatchCounts } from './watch-counts.js';
import { maxSeatsOf } from './work.js';
import { estimateWork, type ObjectStats } from './work-estimate.js';

const ADJUSTMENT_PERIOD = seconds(10);
/** Classifications that are remembered, of users, verbs and resources. */
const CLASSIFICATIONS_MAX = 2_048;

export interface FlowControlOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  statsOf(request: AuthorizationAttributes): ObjectStats | undefined;
  readonly statuses: FlowSchemaStatuses;
  readonly templates: FlowTemplates | undefined;
}

interface InEffect extends FlowConfiguration {
  /** Of the administrators: their schema comes before all others. */
  readonly exempt: Flow;
}

export class FlowControl implements Usher {
  readonly watches = new WatchCounts();
  readonly #options: FlowControlOptions;
  #inEffect: InEffect | undefined;
  #isStale = true;
  #classified = new Map<string, Flow>();
  #adjustAt = 0;
  #digesting: Timer | undefined;
  #serving: Timer | undefined;
  #alarm: { readonly at: number; readonly timer: Timer } | undefined;
  readonly #deadlines = new Map<Turn, Timer>();

  constructor(options: FlowControlOptions) {
    this.#options = options;
  }

  /** The levels by name. */
  get levels(): ReadonlyMap<string, PriorityLevel> {
    return this.#current().levels;
  }

  /**
   * Takes a request in: `passing` and `seated` are executed by the caller at once; one that waits is begun by `onBegin`,
   * unless `onRefused` comes first. `undefined` for what runs long and never counts.
   */
  enter(
    context: RequestContext,
    request: AuthorizationAttributes | undefined,
    onRefused: () => void,
  ): Turn | undefined {
    const flow = this.#flowOf(context, request);
    if (flow === undefined) return undefined;
    const turn = new Turn(flow, context, request, this);
    const { level } = flow;
    if (level.isExempt || request === undefined) return turn;
    const { now } = this.#options.simulation;
    if (now >= this.#adjustAt) this.#adjust(now);
    turn.work = estimateWork(request, context.query, {
      seatsMax: level.seatsMax,
      watches: this.watches,
      // How wide a list is matters to nobody who is alone.
      statsOf: (of) => (level.queues.seatsInUse === 0 ? undefined : this.#options.statsOf(of)),
    });
    if (level.queues.hasRoomFor(maxSeatsOf(turn.work), now)) return turn;
    switch (level.queues.enter(turn, flow.hand, now)) {
      case 'executing':
        turn.state = 'seated';
        break;
      case 'refused':
        this.#refuse(turn, now);
        break;
      case 'waiting':
        turn.state = 'waiting';
        this.#await(turn, waitLimitOf(request, context.query), onRefused);
    }
    return turn;
  }

  hold(turn: Turn): void {
    turn.state = 'seated';
    turn.flow.level.queues.hold(turn, turn.flow.hand, this.#options.simulation.now);
  }

  leave(turn: Turn): void {
    const { level } = turn.flow;
    const { queues } = level;
    const { now } = this.#options.simulation;
    const { state } = turn;
    turn.state = 'over';
    switch (state) {
      case 'passing':
        if (turn.work.additionalLatency > 0) {
          queues.hold(turn, turn.flow.hand, now);
          queues.finish(turn, now);
        } else queues.passed(maxSeatsOf(turn.work));
        return;
      case 'waiting':
        queues.cancel(turn, now);
        this.#forgetDeadline(turn);
        break;
      case 'seated':
        queues.finish(turn, now);
        break;
      case 'refused':
      case 'over':
        return;
    }
    if (level.isQuiescing && queues.isIdle) this.#isStale = true;
    if (queues.waiting > 0) this.#wake();
  }

  /**
   * Time stands still: nobody may wait for it. Seats that are kept a while longer go free, a level that may borrow does so,
   * and who could not begin then either is refused, as if his time had come.
   */
  standStill(): void {
    if (this.#deadlines.size === 0 || this.#serving !== undefined) return;
    const { now } = this.#options.simulation;
    const stuck = [...this.#current().levels.values()].filter(
      ({ queues }) => queues.waiting > 0 && queues.executing === 0,
    );
    if (stuck.length === 0) return;
    for (const { queues } of stuck) queues.endLingering(now);
    if (stuck.some(({ queues }) => queues.limit === 0)) this.#adjust(Math.max(now, this.#adjustAt));
    const hopeless = new Set(stuck.filter(({ queues }) => queues.limit === 0));
    for (const turn of [...this.#deadlines.keys()]) if (hopeless.has(turn.flow.level)) turn.onExpired?.();
    this.#wake();
  }

  #flowOf(context: RequestContext, request: AuthorizationAttributes | undefined): Flow | undefined {
    const inEffect = this.#current();
    if (request !== undefined) return isLongRunning(request) ? undefined : this.#classify(inEffect, request);
    const { request: wire, query, user } = context;
    if (mayBeLongRunning(wire.path) && isLongRunning(requestAttributes(wire, query, user))) return undefined;
    return inEffect.exempt;
  }

  #classify(inEffect: InEffect, request: AuthorizationAttributes): Flow {
    const { user, verb, group, resource, subresource, namespace, path } = request;
    const what = request.isResource ? `${group}/${resource}/${subresource}\n${namespace}` : path;
    const key = `${user.username}\n${verb}\n${what}\n${user.groups.join()}`;
    const known = this.#classified.get(key);
    if (known !== undefined) return known;
    const schema =
      inEffect.schemas.find(({ spec }) => matchesFlowSchema(request, spec)) ??
      inEffect.schemas.find(({ name }) => name === 'catch-all')!;
    const level = inEffect.levels.get(schema.spec.priorityLevelConfiguration.name)!;
    const flow = new Flow(schema, level, distinguisherOf(schema, level, request), this.#options.text);
    if (this.#classified.size >= CLASSIFICATIONS_MAX) this.#classified.clear();
    this.#classified.set(key, flow);
    return flow;
  }

  #current(): InEffect {
    if (this.#inEffect !== undefined && !this.#isStale) return this.#inEffect;
    this.#isStale = false;
    const { api, simulation, text } = this.#options;
    if (this.#inEffect === undefined) this.#start();
    const given = { schemas: api.list(flowSchema).map(kept), levels: api.list(priorityLevelConfiguration).map(kept) };
    const configuration = configure(given, this.#inEffect?.levels ?? new Map<string, PriorityLevel>(), simulation.now);
    const schema = configuration.schemas.find(({ name }) => name === 'exempt')!;
    const exempt = new Flow(schema, configuration.levels.get('exempt')!, '', text);
    this.#classified = new Map();
    this.#inEffect = { ...configuration, exempt };
    this.#options.statuses.check();
    return this.#inEffect;
  }

  /** With the first request: before it there is nothing to control. */
  #start(): void {
    const { api, simulation, templates } = this.#options;
    this.#adjustAt = simulation.now + ADJUSTMENT_PERIOD;
    api.subscribe(flowSchema, () => this.#changed());
    api.subscribe(priorityLevelConfiguration, () => this.#changed());
    if (templates !== undefined) new FlowDefaults({ api, simulation, templates }).start();
  }

  #changed(): void {
    this.#isStale = true;
    if (this.#digesting !== undefined) return;
    this.#digesting = this.#options.simulation.soon(() => {
      this.#digesting = undefined;
      this.#current();
      this.#wake();
    });
  }

  /** Ends the periods that are over by then, and divides the seats by what was wanted in them. */
  #adjust(now: number): void {
    const levels = [...this.#current().levels.values()];
    const ended = this.#adjustAt;
    const quiet = Math.floor((now - ended) / ADJUSTMENT_PERIOD);
    const last = ended + quiet * ADJUSTMENT_PERIOD;
    for (const { queues, demand } of levels) {
      queues.advance(Math.min(ended, now));
      demand.endPeriod(ended);
      queues.advance(last);
      demand.endQuietPeriods(quiet, last);
    }
    this.#adjustAt = last + ADJUSTMENT_PERIOD;
    adjustLimits(levels, this.#options.simulation.now);
  }

  #refuse(turn: Turn, now: number): void {
    turn.state = 'refused';
    turn.flow.level.drops.record(now);
  }

  #await(turn: Turn, limit: number, onRefused: () => void): void {
    const { simulation } = this.#options;
    const expire = (): void => {
      this.#forgetDeadline(turn);
      turn.flow.level.queues.cancel(turn, simulation.now);
      this.#refuse(turn, simulation.now);
      onRefused();
      this.#wake();
    };
    turn.onExpired = expire;
    this.#deadlines.set(turn, simulation.after(milliseconds(limit), expire));
    this.#wake();
  }

  #forgetDeadline(turn: Turn): void {
    this.#deadlines.get(turn)?.cancel();
    this.#deadlines.delete(turn);
  }

  #wake(): void {
    if (this.#deadlines.size === 0) return;
    this.#serving ??= this.#options.simulation.soon(() => this.#serve());
  }

  /** Begins one that waited: one an event, so that a long queue holds up nobody else. */
  #serve(): void {
    this.#serving = undefined;
    const { now } = this.#options.simulation;
    if (now >= this.#adjustAt) this.#adjust(now);
    for (const { queues } of this.#current().levels.values()) {
      const turn = queues.waiting > 0 ? queues.next(now) : undefined;
      if (!(turn instanceof Turn)) continue;
      this.#forgetDeadline(turn);
      this.#wake();
      turn.begin();
      return;
    }
    this.#setAlarm();
  }

  /** What waits may go on when seats that linger go free, or when the level borrows. */
  #setAlarm(): void {
    if (this.#deadlines.size === 0) return;
    let at = this.#adjustAt;
    for (const { queues } of this.#current().levels.values()) {
      if (queues.waiting > 0) at = Math.min(at, queues.lingersUntil ?? at);
    }
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm?.timer.cancel();
    const { simulation } = this.#options;
    const timer = simulation.after(milliseconds(Math.max(at - simulation.now, 0)), () => {
      this.#alarm = undefined;
      this.#wake();
    });
    this.#alarm = { at, timer };
  }
}

/** The rest of the objects is not held on to. */
const kept = <Spec>({ metadata: { name, uid = '' }, spec }: Specified<Spec>) => ({ name, uid, spec });

interface Specified<Spec> {
  readonly metadata: Pick<ObjectMeta, 'name' | 'uid'>;
  readonly spec: Spec;
}
