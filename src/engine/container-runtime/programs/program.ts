import type { Simulation } from '../../kernel/simulation.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { FileTree } from '../files/file-tree.js';

/** What a process finds around it. */
export interface ProcessWorld {
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly hostname: string;
  readonly isTerminal: boolean;
  readonly files: FileTree;
  readonly simulation: Simulation;
  readonly text: TextCodec;
}

/** One process: its world, its command line, and where its output goes. After `exit` nothing counts. */
export interface Process extends ProcessWorld {
  /** The program's name first. */
  readonly argv: readonly string[];
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  exit(code: number): void;
}

/** What a running program takes; what it lacks, it does not heed. */
export interface ProgramInput {
  stdin?(bytes: Uint8Array): void;
  closeStdin?(): void;
  /** SIGINT from a terminal; a program without this is ended by it. */
  interrupt?(): void;
  /** The process is killed: nothing may come from it any more. */
  kill?(): void;
}

/** A program that every container has. It may end at once, or run on in the cluster's time. */
export interface Program {
  readonly name: string;
  start(process: Process): ProgramInput;
}

export const defineProgram = (program: Program): Program => Object.freeze(program);

/** A program that answers at once and reads nothing. `run` returns the exit code. */
export const defineCommand = (name: string, run: (process: Process) => number): Program =>
  defineProgram({
    name,
    start(process) {
      process.exit(run(process));
      return {};
    },
  });

export const print = (process: Process, text: string): void => process.stdout(process.text.encode(text));

export const complain = (process: Process, text: string): void =>
  process.stderr(process.text.encode(`${process.argv[0] ?? ''}: ${text}\n`));

/** The command line's words that are no options. */
export const operandsOf = ({ argv }: Process): readonly string[] => argv.slice(1).filter((each) => !/^-./.test(each));
