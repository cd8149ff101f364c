import { jest } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kinds } from '../../src/engine/kinds/registry.js';
import { apiVersionOf } from '../../src/engine/machinery/object.js';
import { builtInMessages } from '../../src/engine/machinery/protobuf/built-in-messages.js';
import { readEnvelope } from '../../src/engine/machinery/protobuf/envelope.js';
import { decode } from '../../src/engine/machinery/schema/decode.js';
import { textCodec } from '../support/engine-harness.js';
import { GO_TIME_LIMIT_MS, goTest, whatGoLacks, type GoOutcome } from '../support/go-module.js';
import { TestServer } from '../support/server.js';
import { TestCluster } from '../support/test-cluster.js';

jest.setTimeout(GO_TIME_LIMIT_MS);

/** Groups whose Go types client-go does not have. */
const ELSEWHERE = ['apiextensions.k8s.io', 'apiregistration.k8s.io'];

const missing = whatGoLacks('.');
const describeGo = missing === undefined ? describe : describe.skip;

/** One object as Go writes it. */
interface Exchanged {
  readonly apiVersion: string;
  readonly kind: string;
  readonly json: unknown;
  /** An enveloped message in base64. */
  readonly protobuf: string;
}

describeGo(`client-go (${missing === undefined ? 'with Go' : `skipped: ${missing}`})`, () => {
  let server: TestServer;
  let cluster: TestCluster;
  let folder: string;
  let outcome: GoOutcome;
  let exchanged: readonly Exchanged[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flotilla-go-'));
    server = await TestServer.start();
    cluster = await TestCluster.create(server, { name: 'go', latency: 'instant', topology: { workers: 2 } });
    const exchange = join(folder, 'exchange.jsonl');
    outcome = await goTest(['.'], { KUBECONFIG: await cluster.kubeconfig(), EXCHANGE: exchange });
    const lines = await readFile(exchange, 'utf8').catch(() => '');
    exchanged = lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Exchanged)
      .filter(({ apiVersion, kind }) => builtInMessages.schemaOf(apiVersion, kind) !== undefined);
  });
  afterAll(async () => {
    await cluster.cleanUp();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('drives a cluster as it drives any', () => {
    if (outcome.code !== 0) throw new Error(outcome.output);
  });

  it('and this server exchange every kind', () => {
    const known = new Set(exchanged.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
    const wanted = kinds.filter(({ group }) => !ELSEWHERE.includes(group));
    expect(wanted.map((each) => `${apiVersionOf(each)} ${each.kind}`).filter((each) => !known.has(each))).toEqual([]);
  });

  it('reads the bytes that are written here', () => {
    const different = exchanged.filter(({ apiVersion, kind, json, protobuf }) => {
      const object = { ...canonical(apiVersion, kind, json), apiVersion, kind };
      return Buffer.concat(builtInMessages.encodeBody(object, textCodec)).toString('base64') !== protobuf;
    });
    expect(different.slice(0, 1)).toEqual([]);
  });

  it('writes bytes that say here what they say there', () => {
    for (const { apiVersion, kind, json, protobuf } of exchanged) {
      const { raw, ...type } = readEnvelope(Buffer.from(protobuf, 'base64'), textCodec);
      expect(type).toEqual({ apiVersion, kind });
      const read = builtInMessages.decode(schemaOf(apiVersion, kind), raw, textCodec);
      expect(canonical(apiVersion, kind, read)).toEqual(canonical(apiVersion, kind, json));
    }
  });
});

function schemaOf(apiVersion: string, kind: string) {
  const schema = builtInMessages.schemaOf(apiVersion, kind);
  if (schema === undefined) throw new Error(`${apiVersion} ${kind} is not known`);
  return schema;
}

function canonical(apiVersion: string, kind: string, value: unknown): Record<string, unknown> {
  const { object } = decode(schemaOf(apiVersion, kind), value, { strict: false });
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object as Record<string, unknown>;
  return rest;
}
