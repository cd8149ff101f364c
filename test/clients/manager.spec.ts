import { jest } from '@jest/globals';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GO_MODULE, GO_TIME_LIMIT_MS, goTest, whatGoLacks, type GoOutcome } from '../support/go-module.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(GO_TIME_LIMIT_MS);

const PACKAGE = './manager';
const WEBHOOKS = 'site-system/site-webhooks';
const missing = whatGoLacks(PACKAGE);
const describeGo = missing === undefined ? describe : describe.skip;

/** The names of the tests, as the files have them. */
const tests = readdirSync(join(GO_MODULE, PACKAGE))
  .filter((file) => file.endsWith('_test.go'))
  .flatMap(
    (file) => readFileSync(join(GO_MODULE, PACKAGE, file), 'utf8').match(/(?<=^func )Test[A-Z]\w*(?=\(t )/gm) ?? [],
  );

describeGo(`a manager of controller-runtime (${missing === undefined ? 'with Go' : `skipped: ${missing}`})`, () => {
  let server: TestServer;
  let cluster: TestCluster;
  let outcome: GoOutcome;
  let events: readonly TestEvent[];

  beforeAll(async () => {
    server = await TestServer.start();
    const port = await freePort();
    cluster = await TestCluster.create(server, {
      name: 'manager',
      latency: 'instant',
      topology: { workers: 2 },
      outsideServices: { [WEBHOOKS]: `https://127.0.0.1:${port}` },
    });
    const environment = { KUBECONFIG: await cluster.kubeconfig(), WEBHOOK_PORT: String(port) };
    outcome = await goTest(['-p=1', '-json', PACKAGE], environment);
    events = eventsIn(outcome.output);
  });
  afterAll(async () => {
    await cluster.cleanUp();
    await server.stop();
  });

  it('starts, and ends well', () => {
    if (outcome.code !== 0) throw new Error(textOf(events));
  });

  it.each(tests.map((name) => [spoken(name), name]))('%s', (_words, name) => {
    const own = events.filter(({ Test }) => Test === name);
    const outcomes = own.map(({ Action }) => Action).filter((action) => ['pass', 'fail', 'skip'].includes(action));
    if (outcomes[0] !== 'pass') throw new Error(textOf(own) || 'it was not run');
  });
});

/** What `go test -json` tells, line by line. */
interface TestEvent {
  readonly Action: string;
  readonly Test?: string;
  readonly Output?: string;
}

const eventsIn = (output: string): readonly TestEvent[] =>
  output.split('\n').flatMap((line): readonly TestEvent[] => {
    if (line.startsWith('{')) return [JSON.parse(line) as TestEvent];
    return line === '' ? [] : [{ Action: 'output', Output: `${line}\n` }];
  });

const textOf = (events: readonly TestEvent[]): string => events.map(({ Output = '' }) => Output).join('');

/** `TestMakesWhatASiteOwns` makes what a site owns. */
function spoken(name: string): string {
  const words = name.replace(/^Test/, '').replace(/(?!^)[A-Z]/g, (letter) => ` ${letter}`);
  return words.toLowerCase();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
