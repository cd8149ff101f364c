import {
  ADD,
  AppsV1Api,
  CustomObjectsApi,
  DELETE,
  EventsV1Api,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  UPDATE,
  V1MicroTime,
  type Informer,
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  type ObjectCache,
  type V1Condition,
  type V1Deployment,
} from '@kubernetes/client-node';
import { GROUP, KIND, PLURAL, SYSTEM_NAMESPACE, VERSION, type Board } from './board.js';
import { LeaderLease } from './leader-lease.js';

const MANAGER = 'board-operator';
export const FINALIZER = `${GROUP}/directory`;
/** The ConfigMap that lists all boards; one of another namespace can own nothing in it. */
export const DIRECTORY = 'directory';
const LABEL = `${GROUP}/name`;
const RETRY_MS = 50;
const RETRY_MS_MAX = 2_000;
const apply = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);

interface Source<T extends KubernetesObject> {
  readonly informer: Informer<T> & ObjectCache<T>;
}

/** Makes of each Board a ConfigMap and a Deployment, by server-side apply, and lists it in the directory. */
export class BoardOperator {
  readonly #objects: KubernetesObjectApi;
  readonly #custom: CustomObjectsApi;
  readonly #events: EventsV1Api;
  readonly #lease: LeaderLease;
  readonly #boards: Source<Board>;
  readonly #deployments: Source<V1Deployment>;
  readonly #due = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #identity: string;
  #working: Promise<void> | undefined;
  #isStopped = false;
  /** Failures that were retried, as their messages. */
  readonly errors: string[] = [];

  constructor(config: KubeConfig, identity: string) {
    this.#identity = identity;
    this.#objects = KubernetesObjectApi.makeApiClient(config);
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#events = config.makeApiClient(EventsV1Api);
    this.#lease = new LeaderLease(config, { name: MANAGER, namespace: SYSTEM_NAMESPACE }, identity);
    const boards = (): Promise<KubernetesListObject<Board>> =>
      this.#custom.listClusterCustomObject({ group: GROUP, version: VERSION, plural: PLURAL }) as Promise<
        KubernetesListObject<Board>
      >;
    this.#boards = { informer: makeInformer(config, `/apis/${GROUP}/${VERSION}/${PLURAL}`, boards) };
    const apps = config.makeApiClient(AppsV1Api);
    const deployments = () => apps.listDeploymentForAllNamespaces({ labelSelector: LABEL });
    this.#deployments = { informer: makeInformer(config, '/apis/apps/v1/deployments', deployments, LABEL) };
  }

  /** Resolves when it leads and watches. */
  async start(): Promise<void> {
    await this.#lease.acquire();
    const { informer } = this.#boards;
    const owned = this.#deployments.informer;
    for (const verb of [ADD, UPDATE, DELETE] as const) {
      informer.on(verb, (board) => this.#add(keyOf(board)));
      owned.on(verb, (deployment) => this.#add(keyOf(deployment)));
    }
    for (const each of [informer, owned]) {
      each.on('error', () => {
        if (!this.#isStopped) setTimeout(() => void each.start(), RETRY_MS);
      });
    }
    await owned.start();
    await informer.start();
  }

  /** Stops at once, as a process does that is killed: what it holds is left. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#lease.stop();
    this.#due.clear();
    await Promise.all([this.#boards.informer.stop(), this.#deployments.informer.stop(), this.#working]);
  }

  #add(key: string): void {
    if (this.#isStopped) return;
    this.#due.add(key);
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  /** One at a time, each once however often it was added meanwhile. */
  async #work(): Promise<void> {
    for (let key = first(this.#due); key !== undefined; key = first(this.#due)) {
      this.#due.delete(key);
      try {
        await this.#reconcile(key);
        this.#failures.delete(key);
      } catch (error) {
        this.#retry(key, error);
      }
    }
  }

  #retry(key: string, error: unknown): void {
    this.errors.push(error instanceof Error ? error.message : String(error));
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    setTimeout(() => this.#add(key), Math.min(RETRY_MS * 2 ** failures, RETRY_MS_MAX));
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const board = this.#boards.informer.get(name, namespace);
    if (board === undefined) return;
    if (board.metadata.deletionTimestamp !== undefined) return this.#cleanUp(board);
    const { apiVersion, kind } = typeOfBoard;
    await this.#apply({ apiVersion, kind, metadata: { name, namespace, finalizers: [FINALIZER] } });
    await this.#list(board, true);
    await this.#apply(configMapOf(board));
    await this.#apply(deploymentOf(board));
    await this.#report(board, this.#deployments.informer.get(name, namespace));
  }

  /** What it no longer says of an object goes: the finalizer, too. */
  async #cleanUp(board: Board): Promise<void> {
    const { name, namespace, finalizers = [] } = board.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    await this.#list(board, false);
    const { apiVersion, kind } = typeOfBoard;
    await this.#apply({ apiVersion, kind, metadata: { name, namespace } });
  }

  /** Each board has a field of its own in the directory, and is its manager. */
  async #list(board: Board, isWanted: boolean): Promise<void> {
    const { namespace, name } = board.metadata;
    const entry = `${namespace}.${name}`;
    const directory = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: DIRECTORY, namespace: SYSTEM_NAMESPACE },
      ...(isWanted ? { data: { [entry]: board.spec.text } } : {}),
    };
    await this.#apply(directory, `${MANAGER}-${entry}`);
  }

  async #report(board: Board, deployment: V1Deployment | undefined): Promise<void> {
    const { name, namespace, generation = 0 } = board.metadata;
    const wanted = board.spec.replicas ?? 1;
    const isReady = isRolledOut(deployment, wanted);
    const known = board.status?.conditions?.find(({ type }) => type === 'Posted');
    const status = isReady ? 'True' : 'False';
    const condition = {
      type: 'Posted',
      status,
      reason: isReady ? 'Shown' : 'Starting',
      message: `${deployment?.status?.readyReplicas ?? 0} of ${wanted} pods show it`,
      lastTransitionTime: (known?.status === status ? known.lastTransitionTime : undefined) ?? new Date().toISOString(),
    };
    await this.#custom.patchNamespacedCustomObjectStatus(
      {
        group: GROUP,
        version: VERSION,
        namespace,
        plural: PLURAL,
        name,
        fieldManager: MANAGER,
        force: true,
        body: {
          ...typeOfBoard,
          metadata: { name, namespace },
          status: {
            observedGeneration: generation,
            readyReplicas: deployment?.status?.readyReplicas ?? 0,
            conditions: [condition],
          },
        },
      },
      apply,
    );
    if (isReady && known?.status !== 'True') await this.#tell(board, condition);
  }

  async #tell({ metadata }: Board, { message }: Pick<V1Condition, 'message'>): Promise<void> {
    const { namespace, name, uid = '' } = metadata;
    await this.#events.createNamespacedEvent({
      namespace,
      body: {
        metadata: { generateName: `${name}-` },
        type: 'Normal',
        reason: 'Posted',
        action: 'Report',
        note: message,
        eventTime: new V1MicroTime(),
        reportingController: GROUP,
        reportingInstance: this.#identity,
        regarding: { ...typeOfBoard, namespace, name, uid },
      },
    });
  }

  async #apply(object: KubernetesObject, manager = MANAGER): Promise<void> {
    await this.#objects.patch(object, undefined, undefined, manager, true, PatchStrategy.ServerSideApply);
  }
}

const typeOfBoard = { apiVersion: `${GROUP}/${VERSION}`, kind: KIND };
const first = <T>(all: ReadonlySet<T>): T | undefined => all.values().next().value;
const keyOf = ({ metadata }: KubernetesObject): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

function metadataOf({ metadata: { name, namespace, uid = '' } }: Board) {
  const owner = { ...typeOfBoard, name, uid, controller: true, blockOwnerDeletion: true };
  return { name, namespace, labels: { [LABEL]: name }, ownerReferences: [owner] };
}

const configMapOf = (board: Board): KubernetesObject & { data: Record<string, string> } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadataOf(board),
  data: { text: board.spec.text },
});

function deploymentOf(board: Board): V1Deployment {
  const labels = { [LABEL]: board.metadata.name };
  const env = [{ name: 'TEXT', value: board.spec.text }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(board),
    spec: {
      replicas: board.spec.replicas ?? 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'show', image: 'registry.example/board:1', env }] },
      },
    },
  };
}

function isRolledOut(deployment: V1Deployment | undefined, wanted: number): boolean {
  if (deployment?.status === undefined || deployment.spec?.replicas !== wanted) return false;
  const { observedGeneration, updatedReplicas = 0, readyReplicas = 0, replicas = 0 } = deployment.status;
  const isCurrent = observedGeneration === deployment.metadata?.generation;
  return isCurrent && [updatedReplicas, readyReplicas, replicas].every((count) => count === wanted);
}
