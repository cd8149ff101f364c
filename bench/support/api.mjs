// What a benchmark asks of the server besides the load itself.
import { request } from 'node:http';
import { Connection, requestBytes } from './connection.mjs';

const CLUSTERS = '/api/v1/tenants/default/clusters';

export class Api {
  #server;
  #connection;

  static async open(server) {
    return new Api(server, await Connection.open(server));
  }

  constructor(server, connection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** The answer's body, parsed. Throws what is not wanted. */
  async send(method, path, object) {
    const { status, body: answer } = await this.ask(method, path, object);
    if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${answer.toString()}`);
    return answer.byteLength === 0 ? undefined : JSON.parse(answer.toString());
  }

  /** Any answer: `{ status, body }`. */
  ask(method, path, object) {
    const body = object === undefined ? undefined : Buffer.from(JSON.stringify(object));
    return this.#connection.send(requestBytes({ method, path, token: this.#server.token, body }));
  }

  /** Sends what is answered with nothing. */
  async tell(path, object) {
    const body = Buffer.from(JSON.stringify(object));
    await this.#connection.send(requestBytes({ method: 'POST', path, token: this.#server.token, body }));
  }

  createCluster(name, settings = {}) {
    return this.send('POST', CLUSTERS, { name, ...settings });
  }

  deleteCluster(name) {
    return this.send('DELETE', `${CLUSTERS}/${name}`);
  }

  /** Resolves with the first object that a watch shows and `isWanted` accepts. */
  waitFor(path, isWanted) {
    const { host, port, token } = this.#server;
    return new Promise((resolve, reject) => {
      const call = request({ host, port, path, headers: { authorization: `Bearer ${token}` } }, (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (text) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop();
          const found = lines.map((line) => JSON.parse(line).object).find(isWanted);
          if (found === undefined) return;
          call.destroy();
          resolve(found);
        });
        response.on('end', () => reject(new Error('the watch ended')));
      });
      call.on('error', reject);
      call.end();
    });
  }

  close() {
    this.#connection.close();
  }
}

export const kubernetes = (cluster, path) => `/k8s/default/${cluster}${path}`;

export const deployment = (name, replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [
          {
            name: 'server',
            image: 'nginx:1.27',
            ports: [{ containerPort: 80 }],
            resources: { requests: { cpu: '50m', memory: '64Mi' } },
            readinessProbe: { httpGet: { path: '/', port: 80 } },
          },
        ],
      },
    },
  },
});
