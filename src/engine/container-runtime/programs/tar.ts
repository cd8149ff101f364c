import { TREE_BYTES_MAX } from '../files/file-tree.js';
import { nameOf, parentOf, resolvePath } from '../files/path.js';
import { encodeTar, TarReader, type TarEntry } from '../files/tar.js';
import { make } from './mkdir.js';
import { complain, defineProgram, type Process, type ProgramInput } from './program.js';

/** Levels of directories that an archive is made of. */
const DEPTH_MAX = 100;
const FAILURE = 2;

interface Options {
  readonly letters: string;
  readonly directory: string;
  readonly operands: readonly string[];
}

/** Archives to standard output (`tar cf - …`) and from standard input (`tar xf -`), which is what copying files needs. */
export const tar = defineProgram({
  name: 'tar',
  start(process) {
    const options = optionsOf(process);
    if (options.letters.includes('c')) return create(process, options);
    if (options.letters.includes('x')) return extract(process, options);
    complain(process, "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
    process.exit(FAILURE);
    return {};
  },
});

function optionsOf({ argv, workingDirectory }: Process): Options {
  let letters = '';
  let directory = workingDirectory;
  const operands: string[] = [];
  const words = argv.slice(1);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '-C') directory = resolvePath(workingDirectory, words[++at] ?? '.');
    else if (word.startsWith('--')) continue;
    else if (at === 0 || /^-[a-zA-Z]/.test(word)) {
      letters += word.replace('-', '');
      // The archive's name is the next word; only `-` is known here.
      if (word.endsWith('f')) at++;
    } else operands.push(word);
  }
  return { letters, directory, operands };
}

function create(process: Process, { directory, operands }: Options): ProgramInput {
  const entries: TarEntry[] = [];
  let code = 0;
  if (operands.some((each) => each.startsWith('/'))) complain(process, "Removing leading `/' from member names");
  for (const operand of operands) {
    const path = resolvePath(directory, operand);
    if (process.files.get(path) === undefined) {
      complain(process, `${operand}: Cannot stat: No such file or directory`);
      code = FAILURE;
    } else entries.push(...gathered(process, path, operand.replace(/^\/+/, '').replace(/\/+$/, '') || '.'));
  }
  if (code !== 0) complain(process, 'Exiting with failure status due to previous errors');
  process.stdout(encodeTar(entries, process.text));
  process.exit(code);
  return {};
}

/** A file, or a directory with all that is in it. */
function* gathered(process: Process, path: string, name: string, depth = 0): Generator<TarEntry> {
  const entry = process.files.get(path);
  if (entry === undefined || depth > DEPTH_MAX) return;
  const { type, mode, modified, content, target } = entry;
  const shownName = type === 'directory' ? `${name}/` : name;
  yield { name: shownName, type, mode, modified, content, ...(target === undefined ? {} : { target }) };
  if (type !== 'directory') return;
  for (const each of process.files.list(path)) {
    yield* gathered(process, resolvePath(path, each), `${name}/${each}`, depth + 1);
  }
}

function extract(process: Process, { directory, letters }: Options): ProgramInput {
  const reader = new TarReader(process.text, TREE_BYTES_MAX);
  let code = 0;
  const put = (entry: TarEntry): void => {
    const fault = store(process, directory, entry, letters.includes('m'));
    if (fault === undefined) return;
    complain(process, `${entry.name}: Cannot open: ${fault}`);
    code = FAILURE;
  };
  const finish = (): void => {
    const fault = reader.fault ?? (reader.isIncomplete ? 'Unexpected EOF in archive' : undefined);
    if (fault !== undefined) complain(process, fault);
    process.exit(fault === undefined ? code : FAILURE);
  };
  if (process.files.follow(directory)?.type !== 'directory') {
    complain(process, `${directory}: Cannot open: No such file or directory`);
    process.exit(FAILURE);
    return {};
  }
  return {
    stdin: (bytes) => {
      for (const entry of reader.push(bytes)) put(entry);
      if (reader.isOver || reader.fault !== undefined) finish();
    },
    closeStdin: finish,
  };
}

/** Why an entry cannot be unpacked, if it cannot. Nothing leaves the directory. */
function store(process: Process, directory: string, entry: TarEntry, isTouched: boolean): string | undefined {
  const path = resolvePath(directory, resolvePath('/', entry.name).slice(1));
  if (path === directory || entry.type === 'other') return undefined;
  if (process.files.get(parentOf(path)) === undefined) {
    const fault = make(process, parentOf(path), true);
    if (fault !== undefined) return fault;
  }
  if (entry.type === 'directory') return make(process, path, true);
  const { type, mode, content, target } = entry;
  const modified = isTouched ? Math.floor(process.simulation.now / 1_000) : entry.modified;
  if (nameOf(path) === '') return undefined;
  return process.files.write(path, { type, mode, modified, content, ...(target === undefined ? {} : { target }) });
}
