// What no server on this machine with this durability can do better than, while it is written the plain way: it parses a
// body, encodes it again, and answers when a thread of its own has committed it. One commit is in flight while the next
// batch fills. No routing, no identity, no defaults, no validation, no history, no watchers.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

const [dataDir, port] = process.argv.slice(2);
const writer = new Worker(new URL('./floor-writer.mjs', import.meta.url), {
  workerData: { path: join(dataDir, 'floor.db') },
});
let pending = [];
let inFlight = [];

/** Answers of so many bytes, made once. */
const answers = new Map();
/** Who waits for what is told to all. */
const listeners = new Set();

const server = createServer((request, response) => {
  const [, route, size] = request.url.split('/');
  if (route === 'bytes') return answerBytes(response, Number(size));
  if (route === 'listen') return listen(response);
  if (route === 'tell') return tell(request, response);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const object = JSON.parse(Buffer.concat(chunks).toString());
    pending.push({ bytes: Buffer.from(JSON.stringify(object)), response });
    if (inFlight.length === 0) process.nextTick(flush);
  });
});

function answerBytes(response, size) {
  let bytes = answers.get(size);
  if (bytes === undefined) answers.set(size, (bytes = Buffer.alloc(size, 'x')));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': size });
  response.end(bytes);
}

function listen(response) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  listeners.add(response);
  response.on('close', () => listeners.delete(response));
}

function tell(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const line = Buffer.concat([...chunks, Buffer.from('\n')]);
    for (const each of listeners) each.write(line);
    response.end();
  });
}

function flush() {
  if (inFlight.length > 0 || pending.length === 0) return;
  inFlight = pending;
  pending = [];
  const payload = new Uint8Array(inFlight.reduce((sum, { bytes }) => sum + bytes.byteLength, 0));
  let offset = 0;
  for (const { bytes } of inFlight) {
    payload.set(bytes, offset);
    offset += bytes.byteLength;
  }
  writer.postMessage(payload, [payload.buffer]);
}

writer.on('message', () => {
  const done = inFlight;
  inFlight = [];
  flush();
  for (const { bytes, response } of done) {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': bytes.byteLength });
    response.end(bytes);
  }
});
writer.once('online', () => server.listen(Number(port), '127.0.0.1', () => console.log('ready')));
