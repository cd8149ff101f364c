import { defineCommand, print } from './program.js';

export const echo = defineCommand('echo', (process) => {
  const words = process.argv.slice(1);
  const hasOption = /^-[neE]+$/.test(words[0] ?? '');
  const options = hasOption ? (words.shift() ?? '') : '';
  const text = words.join(' ');
  const shown = options.includes('e') ? text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : text;
  print(process, options.includes('n') ? shown : `${shown}\n`);
  return 0;
});
