import { defineCommand, print } from './program.js';

export const hostname = defineCommand('hostname', (process) => {
  print(process, `${process.hostname}\n`);
  return 0;
});
