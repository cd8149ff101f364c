import { timestamp } from '../../kernel/clock.js';
import { complain, defineCommand, print, type Process } from './program.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MS_PER_SECOND = 1_000;

/** The cluster's time, in UTC. */
export const date = defineCommand('date', (process) => {
  const format = process.argv.find((each) => each.startsWith('+'));
  const text = format === undefined ? usual(process) : formatted(process, format.slice(1));
  if (text === undefined) {
    complain(process, `invalid format '${format ?? ''}'`);
    return 1;
  }
  print(process, `${text}\n`);
  return 0;
});

function usual({ simulation }: Process): string {
  const now = new Date(simulation.now);
  const day = String(now.getUTCDate()).padStart(2, ' ');
  const time = timestamp(simulation.now).slice(11, 19);
  return `${DAYS[now.getUTCDay()] ?? ''} ${MONTHS[now.getUTCMonth()] ?? ''} ${day} ${time} UTC ${now.getUTCFullYear()}`;
}

/** `undefined` where a conversion is not known. */
function formatted({ simulation }: Process, format: string): string | undefined {
  const whole = timestamp(simulation.now);
  const parts: Readonly<Record<string, string>> = {
    Y: whole.slice(0, 4),
    m: whole.slice(5, 7),
    d: whole.slice(8, 10),
    H: whole.slice(11, 13),
    M: whole.slice(14, 16),
    S: whole.slice(17, 19),
    F: whole.slice(0, 10),
    T: whole.slice(11, 19),
    s: String(Math.floor(simulation.now / MS_PER_SECOND)),
    Z: 'UTC',
    z: '+0000',
    n: '\n',
    '%': '%',
  };
  const used = Array.from(format.matchAll(/%(.?)/gs), ([, letter = '']) => letter);
  if (!used.every((letter) => parts[letter] !== undefined)) return undefined;
  return format.replace(/%(.)/gs, (_, letter: string) => parts[letter] ?? '');
}
