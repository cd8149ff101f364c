import { defineCommand, print } from './program.js';

export const env = defineCommand('env', (process) => {
  print(
    process,
    Object.entries(process.environment)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return 0;
});
