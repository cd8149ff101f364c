import { milliseconds, type Duration } from '../kernel/clock.js';

export interface OutputLine {
  readonly after: Duration;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** What a process will do from its start on, when nobody interferes. */
export interface ProcessPlan {
  readonly output: readonly OutputLine[];
  /** When and how it ends by itself; `undefined` for a server that runs until it is stopped. */
  readonly exit: { readonly after: Duration; readonly code: number } | undefined;
  /** Whether it takes connections on the ports that its container declares. */
  readonly serves: boolean;
  /** Whether SIGTERM ends it. Shells and `sleep` as the first process of a container do not heed it. */
  readonly heedsTerm: boolean;
}

/** Shell steps that are read of one command; a longer script is taken as a program that runs on. */
const STEPS_MAX = 1_000;
const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'ash', 'dash']);
/** Images whose entry point is a shell or a greeting: without a command and a terminal they end at once. */
const ONE_SHOT_IMAGE = /(^|\/)(busybox|alpine|debian|ubuntu|bash|hello-world)(:|@|$)/;
const SHELL_IMAGE = /(^|\/)(busybox|alpine|debian|ubuntu|bash)(:|@|$)/;
const DURATION_UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };
const MS_PER_SECOND = 1_000;

/**
 * What a process is for, which decides what becomes of one that cannot be foreseen. One that converses is a shell that waits
 * for whoever attaches: its input ends with the first of them, or never.
 */
export type ProcessPurpose = 'serve' | 'complete' | 'converse-once' | 'converse';

/**
 * Foresees a container's process from its image and command line. It knows `sleep`, `echo`, `true`, `false`, `exit` and
 * shell scripts made of them in a row; everything else is taken to be a server, which starts, says so, and runs on, or,
 * where its purpose is to complete, a task that succeeds.
 */
export function planProcess(image: string, argv: readonly string[], purpose: ProcessPurpose = 'serve'): ProcessPlan {
  if (converses(purpose)) return { output: [], exit: undefined, serves: false, heedsTerm: false };
  const [program, ...rest] = argv;
  const unknown = purpose === 'serve' ? server(image) : task(image);
  if (program === undefined) return ONE_SHOT_IMAGE.test(image) ? endsAtOnce(image) : unknown;
  const name = baseName(program);
  if (SHELLS.has(name)) {
    const flag = rest.findIndex((each) => /^-[a-z]*c$/.test(each));
    const script = flag < 0 ? undefined : rest[flag + 1];
    if (script === undefined) return unknown;
    const steps = stepsOf(script);
    return steps === undefined ? { ...unknown, heedsTerm: false } : runSteps(steps);
  }
  return isKnown(name) ? runSteps([argv]) : unknown;
}

export const converses = (purpose: ProcessPurpose): boolean => purpose === 'converse' || purpose === 'converse-once';

/** The shell that an image or a command line starts and that has nothing to do until somebody types. */
export function waitingShell(image: string, argv: readonly string[]): readonly string[] | undefined {
  const [program, ...rest] = argv;
  if (program === undefined) return SHELL_IMAGE.test(image) ? ['sh'] : undefined;
  return SHELLS.has(baseName(program)) && rest.every((each) => /^-[il]+$/.test(each)) ? argv : undefined;
}

function runSteps(steps: readonly (readonly string[])[]): ProcessPlan {
  const output: OutputLine[] = [];
  let elapsedMs = 0;
  let code = 0;
  for (const [program = '', ...rest] of steps) {
    const name = baseName(program);
    code = name === 'false' ? 1 : 0;
    if (name === 'echo') output.push({ after: milliseconds(elapsedMs), stream: 'stdout', text: echoed(rest) });
    if (name === 'exit') {
      code = Number.parseInt(rest[0] ?? '0', 10) & 0xff;
      break;
    }
    if (name !== 'sleep') continue;
    const length = sleepLength(rest);
    if (length === undefined) return { output, exit: undefined, serves: false, heedsTerm: false };
    elapsedMs += length;
  }
  return { output, exit: { after: milliseconds(elapsedMs), code }, serves: false, heedsTerm: false };
}

/** The simple commands of a script in a row; `undefined` where it uses more of the shell than that. */
function stepsOf(script: string): readonly (readonly string[])[] | undefined {
  if (/[|<`$(){}*?\\]|&(?!&)|\b(while|for|until|if|case|trap|exec)\b/.test(script.replace(/&&/g, ';')))
    return undefined;
  const commands = script
    .split(/;|&&|\n/)
    .map((each) => each.trim())
    .filter((each) => each !== '' && !each.startsWith('#') && !/^set [-+]/.test(each));
  if (commands.length > STEPS_MAX) return undefined;
  const steps = commands.map((each) => words(each.replace(/\s*(1|2)?>\s*\/dev\/null/g, '')));
  return steps.every(([program = '']) => isKnown(baseName(program))) ? steps : undefined;
}

const words = (command: string): string[] =>
  Array.from(
    command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g),
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

const isKnown = (name: string): boolean => ['sleep', 'echo', 'true', 'false', 'exit', ':'].includes(name);

const baseName = (program: string): string => program.slice(program.lastIndexOf('/') + 1);

const echoed = (words: readonly string[]): string =>
  words.filter((each, index) => index > 0 || !/^-[ne]+$/.test(each)).join(' ');

/** Milliseconds; `undefined` for `infinity` and for what `sleep` does not understand. */
function sleepLength(lengths: readonly string[]): number | undefined {
  let total = 0;
  for (const length of lengths) {
    const parts = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(length);
    if (parts === null) return undefined;
    total += Number(parts[1]) * (DURATION_UNITS[parts[2] ?? ''] ?? 1) * MS_PER_SECOND;
  }
  return Math.round(total);
}

const server = (image: string): ProcessPlan => ({
  output: [{ after: milliseconds(0), stream: 'stdout', text: `${image}: started` }],
  exit: undefined,
  serves: true,
  heedsTerm: true,
});

const task = (image: string): ProcessPlan => ({
  ...server(image),
  exit: { after: milliseconds(0), code: 0 },
  serves: false,
});

const endsAtOnce = (image: string): ProcessPlan => ({
  output: image.includes('hello-world')
    ? [{ after: milliseconds(0), stream: 'stdout', text: 'Hello from a simulated container!' }]
    : [],
  exit: { after: milliseconds(0), code: 0 },
  serves: false,
  heedsTerm: true,
});
