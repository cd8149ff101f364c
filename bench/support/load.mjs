// The load generator: a process of its own, told over its parent's channel what to send, and telling what it saw.
import { performance } from 'node:perf_hooks';
import { Connection, requestBytes } from './connection.mjs';
import { podBody, podRequests } from './pod-body.mjs';
import { percentile } from './statistics.mjs';
import { Watcher } from './watcher.mjs';

/** Stands in paths and bodies for the number of the request. */
const NUMBER = '00000000';

/** Sends pods as fast as so many connections can, each waiting for its answer. */
async function creates({ host, port, token, path, count, connections, from }) {
  const request = podRequests(requestBytes({ method: 'POST', path, token, body: podBody() }));
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open({ host, port })));
  const latencies = [];
  let sent = 0;
  const work = async (connection) => {
    while (sent < count) {
      const bytes = request(from + sent++);
      const start = performance.now();
      const { status, body } = await connection.send(bytes);
      if (status !== 201) throw new Error(`a create was answered ${status}: ${body.toString()}`);
      latencies.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(open.map(work));
  const seconds = (performance.now() - start) / 1000;
  for (const connection of open) connection.close();
  return { seconds, perSecond: count / seconds, ...summary(latencies) };
}

/** Sends one request after another, as fast as so many connections can; what is numbered in it counts up from `from`. */
async function calls({ host, port, token, method, path, accept, contentType, body, count, connections, from = 0 }) {
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open({ host, port })));
  const bytesOf = (number) => {
    const numbered = (text) => text.replaceAll(NUMBER, String(number).padStart(NUMBER.length, '0'));
    const bytes = body === undefined ? undefined : Buffer.from(numbered(body));
    return requestBytes({ method, path: numbered(path), token, accept, contentType, body: bytes });
  };
  const requests = Array.from({ length: count }, (_, at) => bytesOf(from + at));
  let sent = 0;
  let received = 0;
  const work = async (connection) => {
    while (sent < count) {
      const { status, body: answer } = await connection.send(requests[sent++]);
      if (status >= 300) throw new Error(`${method} ${path} was answered ${status}: ${answer.toString()}`);
      received += answer.byteLength;
    }
  };
  const start = performance.now();
  await Promise.all(open.map(work));
  const seconds = (performance.now() - start) / 1000;
  for (const connection of open) connection.close();
  return { seconds, perSecond: count / seconds, bytes: received / count };
}

const OPENED_AT_ONCE = 100;
const watchers = [];

/** Opens so many watches; resolves when each has been answered. They stay until `unwatch`. */
async function watch({ host, port, token, path, count }) {
  const request = requestBytes({ method: 'GET', path, token });
  // No more at once than a server's queue of new connections holds.
  while (watchers.length < count) {
    const opened = Array.from({ length: OPENED_AT_ONCE }, () => Watcher.open({ host, port }, request));
    watchers.push(...(await Promise.all(opened)));
  }
}

/** Resolves when each watcher has seen so many lines, with the instant of the last one. */
async function seen({ lines }) {
  await Promise.all(watchers.map((each) => each.whenSeen(lines)));
  return performance.timeOrigin + performance.now();
}

async function unwatch() {
  for (const each of watchers.splice(0)) each.close();
}

let isProbing = false;

/** Asks at a steady beat, whether or not earlier answers came, until told to stop: a late answer delays no question. */
async function probe({ host, port, token, path, beatMs }) {
  const bytes = requestBytes({ method: 'GET', path, token });
  const idle = [];
  const latencies = [];
  const pending = new Set();
  isProbing = true;
  const ask = async (due) => {
    const connection = idle.pop() ?? (await Connection.open({ host, port }));
    const { status } = await connection.send(bytes);
    if (status !== 200) throw new Error(`a read was answered ${status}`);
    latencies.push(performance.now() - due);
    idle.push(connection);
  };
  const start = performance.now();
  for (let beat = 1; isProbing; beat++) {
    const due = start + beat * beatMs;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    // A timer that fired late is this process's fault, not the server's.
    const question = ask(Math.max(due, performance.now()));
    pending.add(question);
    void question.finally(() => pending.delete(question));
  }
  await Promise.all(pending);
  for (const connection of idle) connection.close();
  return { count: latencies.length, ...summary(latencies) };
}

const summary = (latencies) => ({
  p50: percentile(latencies, 0.5),
  p99: percentile(latencies, 0.99),
  max: percentile(latencies, 1),
});

const TASKS = { calls, creates, probe, seen, unwatch, watch };

process.on('message', ({ task, options }) => {
  if (task === 'stop') {
    isProbing = false;
    return;
  }
  TASKS[task](options).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  );
});
