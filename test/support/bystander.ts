import type { ApiClient } from './api-client.js';
import type { TestServer } from './server.js';
import { TestCluster } from './test-cluster.js';

const ANSWER_MS_MAX = 10_000;

/** A cluster that has nothing to do with an attack on another one, and must not notice it. */
export class Bystander {
  readonly cluster: TestCluster;
  readonly #server: TestServer;

  private constructor(server: TestServer, cluster: TestCluster) {
    this.#server = server;
    this.cluster = cluster;
  }

  static async of(server: TestServer): Promise<Bystander> {
    return new Bystander(server, await TestCluster.create(server, { name: 'bystander' }));
  }

  /** The server lives, the cluster that was attacked lives, and this one answers reads and writes as ever. */
  async isUnharmed(attacked: ApiClient): Promise<void> {
    expect(this.#server.process.exitCode).toBeNull();
    const begun = Date.now();
    const { status } = await this.cluster.kubernetes.send('GET', '/api/v1/nodes');
    const name = `c-${begun}`;
    const written = await this.cluster.kubernetes.send('POST', '/api/v1/namespaces/default/configmaps', {
      metadata: { name },
    });
    expect([status, written.status]).toEqual([200, 201]);
    expect(Date.now() - begun).toBeLessThan(ANSWER_MS_MAX);
    expect((await attacked.send('GET', '/api/v1/namespaces/default')).status).toBe(200);
  }
}
