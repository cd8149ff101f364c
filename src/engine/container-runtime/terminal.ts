import type { TextCodec } from '../machinery/text-codec.port.js';
import type { ProgramInput } from './programs/program.js';

const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';
const ERASE = ['\u007f', '\b'];
const INTERRUPTED_EXIT_CODE = 130;
/** As long as a line of a terminal gets. */
const LINE_LENGTH_MAX = 4_096;

/** The kernel's side of a terminal: what is typed comes back, goes to the program line by line, and lines end in CR LF. */
export class Terminal {
  readonly #text: TextCodec;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #interrupt: (code: number) => void;
  #line = '';

  constructor(text: TextCodec, write: (bytes: Uint8Array) => void, interrupt: (code: number) => void) {
    this.#text = text;
    this.#write = write;
    this.#interrupt = interrupt;
  }

  output(bytes: Uint8Array): void {
    if (!bytes.includes(0x0a)) return this.#write(bytes);
    const lines: number[] = [];
    for (const byte of bytes) {
      if (byte === 0x0a) lines.push(0x0d);
      lines.push(byte);
    }
    this.#write(Uint8Array.from(lines));
  }

  typed(bytes: Uint8Array, program: ProgramInput): void {
    for (const character of this.#text.decode(bytes)) this.#key(character, program);
  }

  #key(character: string, program: ProgramInput): void {
    if (character === INTERRUPT) {
      this.#echo('^C\r\n');
      this.#line = '';
      if (program.interrupt === undefined) this.#interrupt(INTERRUPTED_EXIT_CODE);
      else program.interrupt();
    } else if (character === END_OF_INPUT) {
      if (this.#line === '') program.closeStdin?.();
      else this.#send('', program);
    } else if (ERASE.includes(character)) {
      if (this.#line === '') return;
      this.#line = this.#line.slice(0, -1);
      this.#echo('\b \b');
    } else if (character === '\r' || character === '\n') {
      this.#echo('\r\n');
      this.#send('\n', program);
    } else if (this.#line.length < LINE_LENGTH_MAX) {
      this.#line += character;
      this.#echo(character);
    }
  }

  #send(end: string, program: ProgramInput): void {
    const line = this.#line + end;
    this.#line = '';
    program.stdin?.(this.#text.encode(line));
  }

  #echo(text: string): void {
    this.#write(this.#text.encode(text));
  }
}
