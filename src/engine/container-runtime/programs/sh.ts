import { joinBytes } from '../files/join-bytes.js';
import { resolvePath } from '../files/path.js';
import { findProgram } from './find-program.js';
import { complain, defineProgram, print, type Process, type ProgramInput } from './program.js';
import { expanded, parseScript, type Command } from './script.js';

const FILE_MODE = 0o644;
const NOT_FOUND = 127;
const SYNTAX_ERROR = 2;
const INTERRUPTED = 130;
const LINE_BYTES_MAX = 64 * 1_024;
/** What may wait for a command that reads; more than that is lost. */
const UNREAD_BYTES_MAX = 1_024 * 1_024;
const PROMPT = '/ # ';

/** A shell of simple commands in a row, with `&&`, `||`, variables and output to files; from `-c`, or line by line. */
export const sh = defineProgram({
  name: 'sh',
  start(process) {
    const flag = process.argv.findIndex((each) => /^-[a-z]*c$/.test(each));
    if (flag > 0) {
      const shell = new Shell(process, (code) => process.exit(code));
      shell.run(process.argv[flag + 1] ?? '');
      return shell;
    }
    return new LineShell(process);
  },
});

/** Runs one script after another; what comes in goes to the command in the foreground. */
class Shell implements ProgramInput {
  readonly #process: Process;
  readonly #done: (code: number) => void;
  #variables: Record<string, string>;
  #commands: readonly Command[] = [];
  #at = 0;
  #code = 0;
  #foreground: ProgramInput | undefined;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #isClosed = false;

  constructor(process: Process, done: (code: number) => void) {
    this.#process = process;
    this.#done = done;
    this.#variables = { ...process.environment };
  }

  run(script: string): void {
    const commands = parseScript(script);
    if (commands === undefined) {
      complain(this.#process, 'syntax error: only simple commands are known here');
      this.#code = SYNTAX_ERROR;
    }
    this.#commands = commands ?? [];
    this.#at = 0;
    this.#next();
  }

  stdin(bytes: Uint8Array): void {
    if (this.#foreground?.stdin !== undefined) return this.#foreground.stdin(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes <= UNREAD_BYTES_MAX) this.#unread.push(bytes);
  }

  closeStdin(): void {
    this.#isClosed = true;
    this.#foreground?.closeStdin?.();
  }

  kill(): void {
    this.#foreground?.kill?.();
  }

  /** Ends the command in the foreground, and the script with it. */
  abandon(): void {
    this.#foreground?.kill?.();
    this.#foreground = undefined;
    this.#code = INTERRUPTED;
    this.#at = this.#commands.length;
    this.#done(INTERRUPTED);
  }

  #next(): void {
    for (let command = this.#commands[this.#at]; command !== undefined; command = this.#commands[this.#at]) {
      this.#at++;
      if (command.after === '&&' && this.#code !== 0) continue;
      if (command.after === '||' && this.#code === 0) continue;
      const words = command.words.map((word) => expanded(word, (name) => this.#value(name)));
      const [name = '', argument = ''] = words;
      if (name === 'exit') {
        this.#code = argument === '' ? this.#code : Number.parseInt(argument, 10) & 0xff;
        break;
      }
      if (!this.#builtIn(words) && !this.#start(words, command)) return;
    }
    this.#at = this.#commands.length;
    this.#done(this.#code);
  }

  /** Whether the command was the shell's own. */
  #builtIn(words: readonly string[]): boolean {
    const [name = ''] = words;
    const assignment = /^(?:export\s)?(\w+)=(.*)$/s.exec(name === 'export' ? `export ${words[1] ?? ''}` : name);
    if (assignment !== null && words.length === (name === 'export' ? 2 : 1)) {
      this.#variables = { ...this.#variables, [assignment[1] ?? '']: assignment[2] ?? '' };
    } else if (name !== ':' && name !== 'set') return false;
    this.#code = 0;
    return true;
  }

  /** Whether the command has ended already. */
  #start(words: readonly string[], command: Command): boolean {
    const program = findProgram(words[0] ?? '');
    if (program === undefined) {
      complain(this.#process, `${words[0] ?? ''}: not found`);
      this.#code = NOT_FOUND;
      return true;
    }
    const written: Uint8Array[] = [];
    let isRunning = true;
    let isStarting = true;
    this.#foreground = {};
    const input = program.start({
      ...this.#process,
      environment: this.#variables,
      argv: words,
      stdout: (bytes) => (command.redirect === undefined ? this.#process.stdout(bytes) : written.push(bytes)),
      stderr: (bytes) => this.#process.stderr(bytes),
      exit: (code) => {
        if (!isRunning) return;
        isRunning = false;
        this.#foreground = undefined;
        this.#code = this.#redirected(command, written) ?? code;
        if (!isStarting) this.#next();
      },
    });
    if (isRunning) this.#feed(input);
    isStarting = false;
    return !isRunning;
  }

  #feed(input: ProgramInput): void {
    this.#foreground = input;
    if (input.stdin !== undefined) {
      const unread = this.#unread;
      this.#unread = [];
      this.#unreadBytes = 0;
      for (const bytes of unread) input.stdin(bytes);
    }
    if (this.#isClosed && this.#foreground === input) input.closeStdin?.();
  }

  /** Writes what a command printed to its file; the exit code where that fails. */
  #redirected({ redirect }: Command, written: readonly Uint8Array[]): number | undefined {
    if (redirect === undefined) return undefined;
    const { files, workingDirectory, simulation } = this.#process;
    const name = expanded(redirect.target, (each) => this.#value(each));
    const path = resolvePath(workingDirectory, name);
    if (path === '/dev/null') return undefined;
    const old = redirect.isAppending ? files.follow(path)?.content : undefined;
    const content = joinBytes([...(old === undefined ? [] : [old]), ...written]).slice();
    const modified = Math.floor(simulation.now / 1_000);
    const fault = files.write(path, { type: 'file', mode: FILE_MODE, modified, content });
    if (fault === undefined) return undefined;
    complain(this.#process, `can't create ${name}: ${fault}`);
    return 1;
  }

  #value(name: string): string {
    return name === '?' ? String(this.#code) : (this.#variables[name] ?? '');
  }
}

/** Reads commands from its input, with a prompt where that is a terminal. */
class LineShell implements ProgramInput {
  readonly #process: Process;
  readonly #shell: Shell;
  readonly #lines: string[] = [];
  #partial = '';
  #isBusy = false;
  #isReading = false;
  #isClosed = false;
  #code = 0;
  #isExiting = false;

  constructor(process: Process) {
    this.#process = process;
    this.#shell = new Shell(process, (code) => this.#ended(code));
    this.#prompt();
  }

  stdin(bytes: Uint8Array): void {
    this.#partial += this.#process.text.decode(bytes);
    const lines = this.#partial.split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, LINE_BYTES_MAX);
    this.#lines.push(...lines);
    this.#continue();
  }

  closeStdin(): void {
    if (this.#partial !== '') this.#lines.push(this.#partial);
    this.#partial = '';
    this.#isClosed = true;
    this.#continue();
  }

  /** What was typed is forgotten and what runs is ended; the shell stays. */
  interrupt(): void {
    this.#partial = '';
    if (this.#isBusy) this.#shell.abandon();
    else this.#prompt();
  }

  kill(): void {
    this.#shell.kill();
  }

  #continue(): void {
    // A command that ends at once comes back here from within the loop.
    if (this.#isReading) return;
    this.#isReading = true;
    while (!this.#isBusy && !this.#isExiting) {
      const line = this.#lines.shift();
      if (line === undefined) break;
      this.#isBusy = true;
      this.#isExiting = /^\s*exit\b/.test(line);
      this.#shell.run(line);
    }
    this.#isReading = false;
    if (this.#isClosed && !this.#isBusy && !this.#isExiting) this.#process.exit(this.#code);
  }

  #ended(code: number): void {
    this.#code = code;
    this.#isBusy = false;
    if (this.#isExiting) return this.#process.exit(code);
    this.#prompt();
    this.#continue();
  }

  #prompt(): void {
    if (this.#process.isTerminal) print(this.#process, PROMPT);
  }
}
