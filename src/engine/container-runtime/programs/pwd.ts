import { defineCommand, print } from './program.js';

export const pwd = defineCommand('pwd', (process) => {
  print(process, `${process.workingDirectory}\n`);
  return 0;
});
