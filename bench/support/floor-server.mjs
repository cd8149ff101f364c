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

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const object = JSON.parse(Buffer.concat(chunks).toString());
    pending.push({ bytes: Buffer.from(JSON.stringify(object)), response });
    if (inFlight.length === 0) process.nextTick(flush);
  });
});

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
