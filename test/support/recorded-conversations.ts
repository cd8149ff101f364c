import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Conversations with a real API server, and what plays them; absent where only the project itself is checked out. */
export const RECORDED = fileURLToPath(new URL('../../../shared/reference/kubernetes-1.35/recorded', import.meta.url));

/** One conversation, played against a server. */
export interface Outcome {
  readonly conversation: string;
  readonly exchanges: number;
  /** What differs, by the number of the exchange: as the player tells it. */
  readonly differences: ReadonlyMap<number, string>;
}

/** An exchange that does not come out alike here, and why. */
export interface Difference {
  readonly conversation: string;
  /** Numbers of steps. */
  readonly exchanges: readonly number[];
  readonly reason: string;
  /** It depends on what was first, or how busy the machine is, whether it shows. */
  readonly sometimes?: true;
}

export interface Play {
  /** Of a cluster. */
  readonly url: string;
  readonly token: string;
  readonly files: readonly string[];
  /** Conversations at a time: they mostly wait, for a watch to end or an outcome to come. */
  readonly concurrency: number;
}

/** Plays conversations against a cluster. */
export async function playRecorded({ url, token, files, concurrency }: Play): Promise<readonly Outcome[]> {
  if (files.length === 0) return [];
  const options = ['--server', url, '--token', token, '--verbose', '--concurrency', String(concurrency)];
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(process.execPath, [join(RECORDED, 'replay.mjs'), 'check', ...options, ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.once('error', reject);
    child.once('close', () => resolve(text));
  });
  const outcomes = outcomesOf(output);
  if (outcomes.length !== files.length)
    throw new Error(`${outcomes.length} of ${files.length} were played:\n${output}`);
  return outcomes;
}

/** Plays some of the conversations: `together`, as many at a time as may be, or each `alone`. */
export type Player = (files: readonly string[], how: 'together' | 'alone') => Promise<readonly Outcome[]>;

/** On a busy machine seconds pass where none did, and what is waited for comes late: what differs is asked again in quiet. */
export async function playTwice(
  files: readonly string[],
  known: readonly Difference[],
  play: Player,
): Promise<readonly Outcome[]> {
  const first = await play(files, 'together');
  const settled = first.filter((each) => unexpectedOf([each], known).length === 0);
  const names = new Set(settled.map(({ conversation }) => conversation));
  const again = files.filter((file) => !names.has(basename(file, '.json')));
  return [...settled, ...(again.length === 0 ? [] : await play(again, 'alone'))];
}

/** The player tells a conversation in one line, then each exchange that differs in one, then its differences further in. */
function outcomesOf(output: string): readonly Outcome[] {
  const outcomes: { conversation: string; exchanges: number; differences: Map<number, string> }[] = [];
  let exchange: number | undefined;
  for (const line of output.split('\n')) {
    const [, conversation, exchanges] = /^(?:ok|FAIL) (\S+): -?\d+ of (\d+)$/.exec(line) ?? [];
    const [, number] = /^ {2}(\d+) /.exec(line) ?? [];
    const current = outcomes.at(-1);
    if (conversation !== undefined) {
      outcomes.push({ conversation, exchanges: Number(exchanges), differences: new Map() });
    } else if (number !== undefined && current !== undefined) {
      exchange = Number(number);
      current.differences.set(exchange, line.trim());
    } else if (exchange !== undefined && line.startsWith('      ')) {
      current?.differences.set(exchange, `${current.differences.get(exchange) ?? ''}\n${line}`);
    }
  }
  return outcomes;
}

/** What differs without being known to, a line each. */
export const unexpectedOf = (outcomes: readonly Outcome[], known: readonly Difference[]): readonly string[] =>
  outcomes.flatMap(({ conversation, differences }) =>
    Array.from(differences)
      .filter(([exchange]) => !known.some((each) => isAbout(each, conversation, exchange)))
      .map(([exchange, text]) => `${conversation} ${exchange}: ${text}`),
  );

/** What is known to differ and does not. */
export function goneOf(outcomes: readonly Outcome[], known: readonly Difference[]): readonly string[] {
  const found = new Map(outcomes.map(({ conversation, differences }) => [conversation, differences]));
  return known
    .filter(({ sometimes }) => sometimes !== true)
    .flatMap(({ conversation, exchanges }) =>
      exchanges.filter((each) => found.get(conversation)?.has(each) !== true).map((each) => `${conversation} ${each}`),
    );
}

const isAbout = (difference: Difference, conversation: string, exchange: number): boolean =>
  difference.conversation === conversation && difference.exchanges.includes(exchange);

/** Of all exchanges, how many came out alike: 0 to 1. */
export function alikeShareOf(outcomes: readonly Outcome[]): number {
  const exchanges = outcomes.reduce((sum, each) => sum + each.exchanges, 0);
  const different = outcomes.reduce((sum, each) => sum + each.differences.size, 0);
  return (exchanges - different) / exchanges;
}
