import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectlWith, type CommandResult } from './kubectl.js';
import { TestServer } from './server.js';
import { TestCluster, type NewTestCluster } from './test-cluster.js';

const EXECUTABLE = 0o755;

/** A server with one cluster, and kubectl 1.35 as a person uses it: commands, and files that they read. */
export class KubectlSession {
  readonly cluster: TestCluster;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly #server: TestServer;

  private constructor(server: TestServer, cluster: TestCluster, paths: { kubeconfig: string; folder: string }) {
    this.#server = server;
    this.cluster = cluster;
    this.kubeconfig = paths.kubeconfig;
    this.folder = paths.folder;
  }

  static async start(settings: NewTestCluster): Promise<KubectlSession> {
    const server = await TestServer.start();
    const cluster = await TestCluster.create(server, settings);
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-session-'));
    return new KubectlSession(server, cluster, { kubeconfig: await cluster.kubeconfig(), folder });
  }

  async end(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await this.cluster.cleanUp();
    await this.#server.stop();
  }

  /** What kubectl printed; its failure fails the test. */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(...args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** A failure is a result here. */
  attempt(...args: readonly string[]): Promise<CommandResult> {
    return kubectlWith({ kubeconfig: this.kubeconfig }, ...args);
  }

  /** With an editor that does to the file what this script of sed says. */
  async edit(script: string, ...args: readonly string[]): Promise<CommandResult> {
    const editor = join(this.folder, 'editor');
    await writeFile(editor, `#!/bin/sh\nsed -i '${script}' "$1"\n`, { mode: EXECUTABLE });
    return kubectlWith({ kubeconfig: this.kubeconfig, environment: { KUBE_EDITOR: editor } }, 'edit', ...args);
  }

  /** The path of a file with these objects. */
  async file(name: string, ...objects: readonly object[]): Promise<string> {
    const path = join(this.folder, `${name}.yaml`);
    // JSON is YAML.
    await writeFile(path, objects.map((each) => JSON.stringify(each)).join('\n---\n'));
    return path;
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run('get', ...args, '-o', 'json')) as T;
  }
}
