import { parentPort, workerData } from 'node:worker_threads';
import { openLogDatabase } from './log-database.js';
import { LogWriter } from './log-writer.js';
import type { WriterReply, WriterRequest, WriterSettings } from './writer-protocol.js';

/*
 * The writer thread. It owns the only connection to the log and does nothing but run groups, one after another: the
 * main thread never waits for a disk. After a failure it ends, since what the disk holds is then unknown.
 */
const port = parentPort;
if (port === null) throw new Error('the log writer runs as a worker thread only');
const { path } = workerData as WriterSettings;

const reply = (message: WriterReply): void => port.postMessage(message);
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

try {
  const database = openLogDatabase(path);
  const writer = new LogWriter(database);
  const end = (): void => {
    database.close();
    port.close();
  };
  port.on('message', (request: WriterRequest) => {
    if (request === 'close') return end();
    try {
      reply({ kind: 'durable', loaded: writer.run(request) });
    } catch (error) {
      reply({ kind: 'failed', reason: reasonOf(error) });
      end();
    }
  });
  reply({ kind: 'opened' });
} catch (error) {
  reply({ kind: 'refused', reason: reasonOf(error) });
}
