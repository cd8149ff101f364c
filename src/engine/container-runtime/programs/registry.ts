import { cat } from './cat.js';
import { date } from './date.js';
import { echo } from './echo.js';
import { env } from './env.js';
import { falseProgram } from './false.js';
import { hostname } from './hostname.js';
import { ls } from './ls.js';
import { mkdir } from './mkdir.js';
import { printenv } from './printenv.js';
import type { Program } from './program.js';
import { pwd } from './pwd.js';
import { rm } from './rm.js';
import { sh } from './sh.js';
import { sleep } from './sleep.js';
import { tar } from './tar.js';
import { test } from './test.js';
import { trueProgram } from './true.js';

/** What every container has to run. A function, because the shell, itself one of them, finds the others here. */
export const programs = (): readonly Program[] => [
  cat,
  date,
  echo,
  env,
  falseProgram,
  hostname,
  ls,
  mkdir,
  printenv,
  pwd,
  rm,
  sh,
  sleep,
  tar,
  test,
  trueProgram,
];
