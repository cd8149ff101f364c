import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const database = new Database(workerData.path);
database.pragma('locking_mode = EXCLUSIVE');
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE batch (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT');
const append = database.prepare('INSERT INTO batch (payload) VALUES (?)');

parentPort.on('message', (payload) => {
  append.run(Buffer.from(payload.buffer));
  parentPort.postMessage('durable');
});
