import { milliseconds } from '../../kernel/clock.js';
import { complain, defineProgram, operandsOf } from './program.js';

const UNITS: Readonly<Record<string, number>> = { '': 1_000, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Sleeps in the cluster's time. */
export const sleep = defineProgram({
  name: 'sleep',
  start(process) {
    let total = 0;
    const lengths = operandsOf(process);
    for (const length of lengths) {
      const parts = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(length);
      if (length === 'infinity') return {};
      if (parts === null) {
        complain(process, `invalid number '${length}'`);
        process.exit(1);
        return {};
      }
      total += Number(parts[1]) * (UNITS[parts[2] ?? ''] ?? 0);
    }
    if (lengths.length === 0) complain(process, 'missing operand');
    const code = lengths.length === 0 ? 1 : 0;
    const timer = process.simulation.after(milliseconds(Math.round(total)), () => process.exit(code));
    return { kill: () => timer.cancel() };
  },
});
