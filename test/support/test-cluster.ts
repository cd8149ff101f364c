import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from './api-client.js';
import { ADMIN_TOKEN } from './server.js';

/** What a running server is reached by, as its administrator. */
export interface ServerDoor {
  readonly httpUrl: string;
}

/** An object as tests look at it. */
export interface AnyObject {
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface ListOf<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

export const managementOf = ({ httpUrl }: ServerDoor): ApiClient => new ApiClient(`${httpUrl}/api/v1`, ADMIN_TOKEN);

/** One cluster of a running server, seen through its management paths and its Kubernetes API. */
export class TestCluster {
  readonly path: string;
  readonly management: ApiClient;
  readonly kubernetes: ApiClient;
  readonly #folders: string[] = [];

  private constructor({ httpUrl }: ServerDoor, tenant: string, name: string) {
    this.path = `/k8s/${tenant}/${name}`;
    this.management = new ApiClient(`${httpUrl}/api/v1/tenants/${tenant}/clusters/${name}`, ADMIN_TOKEN);
    this.kubernetes = new ApiClient(httpUrl + this.path, ADMIN_TOKEN);
  }

  static async create(door: ServerDoor, { tenant = 'default', ...body }: NewTestCluster): Promise<TestCluster> {
    await managementOf(door).post(`/tenants/${tenant}/clusters`, body);
    return TestCluster.at(door, body.name, tenant);
  }

  /** One that is there already. */
  static at(door: ServerDoor, name: string, tenant = 'default'): TestCluster {
    return new TestCluster(door, tenant, name);
  }

  /** All that is due in `duration` has happened when this resolves. The clock must be paused. */
  async advance(duration: string): Promise<void> {
    await this.management.post('/clock/advance', { duration });
  }

  async list<T = AnyObject>(path: string): Promise<readonly T[]> {
    return (await this.kubernetes.get<ListOf<T>>(path)).items;
  }

  /** The path of a file that kubectl takes, in a folder of its own. */
  async kubeconfig(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-kubectl-'));
    this.#folders.push(folder);
    const path = join(folder, 'kubeconfig');
    const { text } = await this.management.send('GET', '/kubeconfig');
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** Removes the folders of kubeconfigs. */
  async cleanUp(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

export interface NewTestCluster {
  readonly name: string;
  readonly tenant?: string;
  readonly seed?: number;
  readonly clock?: {
    readonly mode?: 'realtime' | 'scaled' | 'paused';
    readonly rate?: number;
    readonly start?: string;
  };
  readonly latency?: 'instant' | 'fast' | 'realistic';
  readonly durability?: 'durable' | 'ephemeral';
  readonly kubelets?: 'annotated' | 'all';
  readonly outsideServices?: Readonly<Record<string, string>>;
  readonly topology?: {
    readonly controlPlanes?: number;
    readonly workers?: number;
    readonly workerCapacity?: { readonly cpu?: string; readonly memory?: string; readonly pods?: number };
    readonly zones?: readonly string[];
  };
}
