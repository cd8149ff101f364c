import { resolvePath } from '../files/path.js';
import { complain, defineCommand, operandsOf } from './program.js';

export const rm = defineCommand('rm', (process) => {
  const options = process.argv
    .slice(1)
    .filter((each) => /^-./.test(each))
    .join('');
  let code = 0;
  for (const name of operandsOf(process)) {
    const path = resolvePath(process.workingDirectory, name);
    const entry = process.files.get(path);
    const fault =
      entry === undefined
        ? options.includes('f')
          ? undefined
          : `can't remove '${name}': No such file or directory`
        : entry.type === 'directory' && !/[rR]/.test(options)
          ? `'${name}' is a directory`
          : undefined;
    const refusal = fault === undefined && entry !== undefined ? process.files.remove(path) : undefined;
    const complaint = refusal === undefined ? fault : `can't remove '${name}': ${refusal}`;
    if (complaint === undefined) continue;
    complain(process, complaint);
    code = 1;
  }
  return code;
});
