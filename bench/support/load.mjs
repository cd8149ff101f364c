// The load generator: a process of its own, told over its parent's channel what to send, and telling what it saw.
import { performance } from 'node:perf_hooks';
import { Connection, requestBytes } from './connection.mjs';
import { podBody, podRequests } from './pod-body.mjs';
import { percentile } from './statistics.mjs';

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

const TASKS = { creates, probe };

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
