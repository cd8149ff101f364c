// A watch on a bare socket that only counts: each event is a line, and no line break stands inside of one.
import { connect } from 'node:net';

const LINE_END = 10;
const OBJECT_END = 125;
const HEAD_END = '\r\n\r\n';

export class Watcher {
  #socket;
  #lines = 0;
  #last;
  #wanted = Infinity;
  #settle;

  /** Resolves when the server has answered. */
  static open({ host, port }, request) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true }, () => socket.write(request));
      socket.once('error', reject);
      let head = '';
      const onHead = (chunk) => {
        head += chunk.latin1Slice();
        if (!head.includes(HEAD_END)) return;
        socket.removeListener('data', onHead);
        if (!head.startsWith('HTTP/1.1 200')) reject(new Error(head));
        else resolve(new Watcher(socket));
      };
      socket.on('data', onHead);
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#count(chunk));
  }

  whenSeen(lines) {
    return new Promise((resolve) => {
      this.#wanted = lines;
      this.#settle = resolve;
      this.#check();
    });
  }

  close() {
    this.#socket.destroy();
  }

  /** Lines of chunked framing end in two characters, events in one. */
  #count(chunk) {
    for (let at = chunk.indexOf(LINE_END); at >= 0; at = chunk.indexOf(LINE_END, at + 1)) {
      if ((at === 0 ? this.#last : chunk[at - 1]) === OBJECT_END) this.#lines++;
    }
    this.#last = chunk.at(-1);
    this.#check();
  }

  #check() {
    if (this.#lines >= this.#wanted) this.#settle();
  }
}
