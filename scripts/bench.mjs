// `npm run bench [-- <name> …] [--profile]`: installs, builds, and measures. Figures are printed, never asserted: they
// depend on the machine. With --profile the server writes CPU profiles to node_modules/.cache/bench/profiles.
import { build, setUp } from './setup.mjs';

setUp();
build();
const { runBenchmarks } = await import('../bench/run.mjs');
const args = process.argv.slice(2);
const isDone = await runBenchmarks({
  names: args.filter((each) => !each.startsWith('--')),
  profile: args.includes('--profile'),
});
process.exit(isDone ? 0 : 1);
