import { resolvePath } from '../files/path.js';
import { complain, defineCommand, operandsOf, print, type Process } from './program.js';

export const ls = defineCommand('ls', (process) => {
  const names = operandsOf(process);
  const options = process.argv
    .slice(1)
    .filter((each) => /^-./.test(each))
    .join('');
  let code = 0;
  for (const name of names.length === 0 ? ['.'] : names) {
    const path = resolvePath(process.workingDirectory, name);
    const entry = process.files.follow(path);
    if (entry === undefined) {
      complain(process, `${name}: No such file or directory`);
      code = 1;
      continue;
    }
    if (names.length > 1 && entry.type === 'directory') print(process, `${name}:\n`);
    const isDirectory = entry.type === 'directory' && !options.includes('d');
    const listed = isDirectory ? process.files.list(path) : [name];
    const shown = listed.filter((each) => options.includes('a') || !each.startsWith('.') || !isDirectory);
    for (const each of shown) {
      print(process, options.includes('l') ? long(process, isDirectory ? `${path}/${each}` : path, each) : `${each}\n`);
    }
  }
  return code;
});

function long({ files }: Process, path: string, name: string): string {
  const entry = files.get(resolvePath('/', path));
  const mode = entry?.mode ?? 0;
  const letters = Array.from('rwxrwxrwx', (letter, bit) => (mode & (0o400 >> bit) ? letter : '-')).join('');
  const type = entry?.type === 'directory' ? 'd' : entry?.type === 'link' ? 'l' : '-';
  const when = new Date((entry?.modified ?? 0) * 1_000).toISOString().slice(0, 16).replace('T', ' ');
  const size = String(entry?.content.length ?? 0).padStart(8);
  const link = entry?.target === undefined ? '' : ` -> ${entry.target}`;
  return `${type}${letters} 1 root root ${size} ${when} ${name}${link}\n`;
}
