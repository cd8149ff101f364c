import { jsonOf, type Answer } from './api-client.js';
import type { AnyObject, TestCluster } from './test-cluster.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const NAMES_PER_LANE = 6;
/** What a server that is being stopped answers: the write has not been taken. */
const STOPPING = 503;

/** What a client knows of one object: its last acknowledged state, and whether a later write has gone unanswered. */
interface Known {
  /** `undefined`: deleted, or never created. */
  acknowledged: { readonly resourceVersion: number; readonly value: string } | undefined;
  /** What an unanswered write would have made of it. */
  unanswered: { readonly value: string | undefined } | undefined;
}

/**
 * Clients that create, change and delete ConfigMaps of one cluster as fast as they are answered, and remember each
 * answer. A client waits for its answer, so that at most one write an object is open when the server dies.
 */
export class WriteLoad {
  #cluster: TestCluster;
  readonly #known = new Map<string, Known>();
  #writes = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Acknowledged writes. */
  get writes(): number {
    return this.#writes;
  }

  /** The cluster as it is reached now: a server that was started again has another address. */
  moveTo(cluster: TestCluster): void {
    this.#cluster = cluster;
  }

  /** Writes until the server is gone. `round` makes values differ from those of earlier rounds. */
  async run(lanes: number, round: number): Promise<void> {
    await Promise.all(Array.from({ length: lanes }, (_, lane) => this.#runLane(lane, round)));
  }

  /**
   * What the cluster lacks of that which was acknowledged, one line each. What an unanswered write left is adopted as
   * the state from now on.
   */
  async losses(): Promise<readonly string[]> {
    const items = await this.#cluster.list<AnyObject & { readonly data?: { readonly value?: string } }>(CONFIG_MAPS);
    const present = new Map(items.map((item) => [item.metadata.name, item]));
    const lost: string[] = [];
    for (const [name, known] of this.#known) {
      const item = present.get(name);
      const value = item?.data?.value;
      const { acknowledged, unanswered } = known;
      const isAcknowledged =
        value === acknowledged?.value &&
        (acknowledged === undefined || Number(item?.metadata.resourceVersion) === acknowledged.resourceVersion);
      const isUnanswered = unanswered !== undefined && value === unanswered.value;
      if (!isAcknowledged && !isUnanswered) {
        lost.push(`${name}: acknowledged ${JSON.stringify(acknowledged)}, found ${JSON.stringify(item?.metadata)}`);
      }
      const version = Number(item?.metadata.resourceVersion);
      known.acknowledged = value === undefined ? undefined : { resourceVersion: version, value };
      known.unanswered = undefined;
    }
    return lost;
  }

  async #runLane(lane: number, round: number): Promise<void> {
    for (let step = 0; ; step++) {
      const name = `lane-${lane}-${step % NAMES_PER_LANE}`;
      const known = this.#known.get(name) ?? { acknowledged: undefined, unanswered: undefined };
      this.#known.set(name, known);
      const isDelete = known.acknowledged !== undefined && step % 5 === 4;
      const value = isDelete ? undefined : `${round}-${step}`;
      known.unanswered = { value };
      let answer: Answer;
      try {
        answer = await this.#write(name, known, value);
      } catch {
        return; // The server is gone, and whether it took the write is not known.
      }
      if (answer.status === STOPPING) {
        known.unanswered = undefined;
        return;
      }
      if (answer.status > 299) throw new Error(`a write to ${name} was refused: ${answer.status} ${answer.text}`);
      this.#writes++;
      known.unanswered = undefined;
      known.acknowledged =
        value === undefined
          ? undefined
          : { resourceVersion: Number(jsonOf<AnyObject>(answer).metadata.resourceVersion), value };
    }
  }

  #write(name: string, { acknowledged }: Known, value: string | undefined): Promise<Answer> {
    const { kubernetes } = this.#cluster;
    if (value === undefined) return kubernetes.send('DELETE', `${CONFIG_MAPS}/${name}`);
    const body = { metadata: { name }, data: { value } };
    if (acknowledged === undefined) return kubernetes.send('POST', CONFIG_MAPS, body);
    return kubernetes.send('PUT', `${CONFIG_MAPS}/${name}`, body);
  }
}
