// Runs the benchmarks one after another and prints one line for each figure, with what is wanted of it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { authorization } from './authorization.mjs';
import { changes } from './changes.mjs';
import { clusters } from './clusters.mjs';
import { creates } from './creates.mjs';
import { day } from './day.mjs';
import { definitions } from './definitions.mjs';
import { fanout } from './fanout.mjs';
import { idle } from './idle.mjs';
import { neighbour } from './neighbour.mjs';
import { reads } from './reads.mjs';
import { rollout } from './rollout.mjs';
import { scale } from './scale.mjs';
import { scheduling } from './scheduling.mjs';
import { workFolder } from './support/processes.mjs';

const BENCHMARKS = {
  creates,
  clusters,
  idle,
  rollout,
  neighbour,
  reads,
  changes,
  fanout,
  definitions,
  authorization,
  scheduling,
  scale,
  day,
};

/** `names` picks some; without any, all run. Resolves with whether every one of them came to an end. */
export async function runBenchmarks({ names, profile }) {
  const chosen = names.length === 0 ? Object.keys(BENCHMARKS) : names;
  const unknown = chosen.filter((name) => !(name in BENCHMARKS));
  if (unknown.length > 0)
    throw new Error(`no such benchmark: ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  const figures = [];
  const failures = [];
  for (const name of chosen) {
    try {
      for (const figure of await BENCHMARKS[name]({ profile })) {
        figures.push(figure);
        console.log(lineOf(figure));
      }
    } catch (error) {
      failures.push(name);
      console.error(`${name} did not come to an end: ${error.stack}`);
    }
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, at: new Date().toISOString() };
  console.log(`on ${machine.cores} cores of ${machine.cpu}, Node ${machine.node}`);
  const report = join(workFolder, 'report.json');
  mkdirSync(workFolder, { recursive: true });
  writeFileSync(report, `${JSON.stringify({ machine, figures, failures }, undefined, 2)}\n`);
  console.log(`all figures are in ${report}`);
  return failures.length === 0;
}

const NAME_WIDTH = 52;
const VALUE_WIDTH = 14;

function lineOf({ name, value, unit, atLeast, atMost, detail }) {
  const isMet = atLeast === undefined ? value <= atMost : value >= atLeast;
  const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  const figure = `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`.trim();
  return `${isMet ? 'ok   ' : 'SHORT'} ${name.padEnd(NAME_WIDTH)} ${figure.padStart(VALUE_WIDTH)}  wanted ${wanted}; ${detail}`;
}
