import { resolvePath } from '../files/path.js';
import { complain, defineProgram, operandsOf } from './program.js';

/** Files, or what comes in until it is closed. */
export const cat = defineProgram({
  name: 'cat',
  start(process) {
    const names = operandsOf(process).filter((name) => name !== '-');
    let code = 0;
    for (const name of names) {
      const file = process.files.follow(resolvePath(process.workingDirectory, name));
      if (file?.type === 'file') process.stdout(file.content);
      else {
        complain(
          process,
          file === undefined ? `can't open '${name}': No such file or directory` : 'read error: Is a directory',
        );
        code = 1;
      }
    }
    if (names.length === 0) return { stdin: (bytes) => process.stdout(bytes), closeStdin: () => process.exit(0) };
    process.exit(code);
    return {};
  },
});
