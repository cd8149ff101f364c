import { defineCommand, operandsOf, print } from './program.js';

export const printenv = defineCommand('printenv', (process) => {
  const names = operandsOf(process);
  const { environment } = process;
  if (names.length === 0) {
    print(
      process,
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    return 0;
  }
  const values = names.map((name) => environment[name]).filter((value) => value !== undefined);
  print(process, values.map((value) => `${value}\n`).join(''));
  return values.length === names.length ? 0 : 1;
});
