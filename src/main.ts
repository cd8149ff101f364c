import 'reflect-metadata';
import type { RequestListener, Server } from 'node:http';
import type { FastifyError, FastifyReply } from 'fastify';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, openParts, type ProcessParts } from './app.module.js';
import { Config } from './config/config.js';
import { loadServerIdentity } from './config/server-identity.js';
import { KubernetesDoor } from './control-plane/kube-apiserver/kubernetes-door.js';
import type { HostReport } from './hosting/cluster-host.js';
import { CommitLogFailedError } from './hosting/commit-log.port.js';
import { problemOf, ProblemFilter } from './management/problem.filter.js';
import { PROBLEM_TYPE } from './auth/problem.js';
import { requireJson, YAML_TYPES } from './management/require-json.js';
import { BodyValidation } from './management/validation.js';
import { describeApi } from './ops/api-document.js';
import { bannerText } from './ops/banner.js';
import { createPlainDoor, createTlsDoor, dispatchUpgrades, drain, listen } from './ops/door-servers.js';
import { SOCKET_PATH, SocketAdapter } from './streams/socket-adapter.js';

const MANAGEMENT_BODY_BYTES_MAX = 1024 * 1024;

const report: HostReport = {
  clusterFailed({ tenant, settings }, reason) {
    const detail = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    console.error(`cluster ${tenant}/${settings.name} has stopped: ${detail}`);
    // What was not acknowledged may be lost, and nothing can be acknowledged any more: a restart reads back what is on disk.
    if (reason instanceof CommitLogFailedError) process.exit(1);
  },
  logCutBack({ tenant, settings }, detail) {
    console.error(`cluster ${tenant}/${settings.name}: its log was damaged and cut back: ${detail}`);
  },
};

interface RunningServer {
  readonly application: NestFastifyApplication;
  readonly parts: ProcessParts;
  readonly servers: readonly Server[];
}

async function start(): Promise<RunningServer> {
  const config = Config.fromEnvironment(process.env);
  const identity = await loadServerIdentity(config);
  const parts = await openParts(config, identity, report);
  const door = new KubernetesDoor(parts.host, parts.authenticator);
  const adapter = new FastifyAdapter({
    bodyLimit: MANAGEMENT_BODY_BYTES_MAX,
    // The router's own errors, such as a malformed URL, pass no filter.
    frameworkErrors: (error: FastifyError, _request: unknown, reply: FastifyReply) => {
      const status = error.statusCode ?? 400;
      void reply
        .code(status)
        .header('content-type', PROBLEM_TYPE)
        .send(JSON.stringify(problemOf(status, error)));
    },
    serverFactory: (framework: RequestListener) => createPlainDoor(door, framework),
  });
  const application = await NestFactory.create<NestFastifyApplication>(AppModule.of(parts), adapter, {
    logger: ['error', 'warn'],
  });
  application.useGlobalPipes(new BodyValidation());
  application.useGlobalFilters(new ProblemFilter());
  application.useWebSocketAdapter(new SocketAdapter(application));
  const fastify = adapter.getInstance();
  fastify.addHook('onRequest', requireJson);
  fastify.addContentTypeParser(YAML_TYPES, { parseAs: 'string' }, (_request, text, done) => done(null, text));
  parts.document.set(describeApi(application));
  await application.init();
  await fastify.ready();
  const plain = application.getHttpServer();
  const tls = createTlsDoor(door, (request, response) => fastify.routing(request, response), identity.server);
  dispatchUpgrades(plain, door, SOCKET_PATH);
  dispatchUpgrades(tls, door);
  const https = await listen(tls, config.httpsPort, config.host);
  await application.listen(config.httpPort, config.host);
  const http = (plain.address() as { readonly port: number }).port;
  parts.doors.open({ http, https });
  console.log(bannerText(config, parts.doors, identity));
  console.log('ready');
  return { application, parts, servers: [plain, tls] };
}

/** Takes nothing new, lets requests in flight end, writes checkpoints, closes. */
async function stop({ application, parts, servers }: RunningServer): Promise<void> {
  const drained = servers.map(drain);
  await parts.host.stop();
  await Promise.all(drained);
  await application.close();
  await parts.close();
}

try {
  const server = await start();
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A second signal does not wait.
      if (stopping !== undefined) process.exit(1);
      stopping = stop(server).then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  console.error(`flotilla cannot start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
