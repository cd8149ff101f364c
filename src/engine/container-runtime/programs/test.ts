import { resolvePath } from '../files/path.js';
import { complain, defineCommand, type Process } from './program.js';

export const test = defineCommand('test', (process) => {
  const words = process.argv.slice(1);
  if (words[0] === '!') return holds(process, words.slice(1)) ? 1 : 0;
  return holds(process, words) ? 0 : 1;
});

function holds(process: Process, [first = '', second, third]: readonly string[]): boolean {
  if (second === undefined) return first !== '';
  if (third !== undefined) {
    if (second === '=' || second === '==') return first === third;
    if (second === '!=') return first !== third;
    complain(process, `${second}: unknown operand`);
    return false;
  }
  const entry = process.files.follow(resolvePath(process.workingDirectory, second));
  switch (first) {
    case '-d':
      return entry?.type === 'directory';
    case '-f':
      return entry?.type === 'file';
    case '-e':
      return entry !== undefined;
    case '-s':
      return (entry?.content.length ?? 0) > 0;
    case '-n':
      return second !== '';
    case '-z':
      return second === '';
    default:
      complain(process, `${first}: unknown operand`);
      return false;
  }
}
