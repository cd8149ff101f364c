import { posix } from 'node:path';
import ts from 'typescript';
import {
  IMPORTED_BY_APP_MODULE_ALONE,
  IMPORT_TABLE,
  PACKAGES_OF_BLACK_BOX_TESTS,
  PACKAGES_OF_ENGINE,
  ROOT_FILES,
} from './import-table.js';
import { isEngine, isSpec, type FileRule, type SourceFile } from './source-file.js';

const knownPart: FileRule = {
  name: 'every file belongs to a part of the design',
  check: ({ path }) => (isRoot(path) || partOf(path) !== undefined ? [] : [`${path} belongs to no known part`]),
};

const importTable: FileRule = {
  name: 'a part imports only what the table lets it',
  check(file) {
    const part = partOf(file.path);
    if (isSpec(file) || part === undefined) return [];
    const allowed = IMPORT_TABLE[part] ?? [];
    return relativeImports(file)
      .filter((target) => partOf(target) !== part && !isAllowed(target, allowed))
      .map((target) => `${file.path} imports ${target}`);
  },
};

const compositionRoot: FileRule = {
  name: 'the composition root alone knows how things are kept',
  check(file) {
    if (isSpec(file) || file.path === 'src/app.module.ts') return [];
    const own = partOf(file.path);
    return relativeImports(file)
      .filter((target) => partOf(target) !== own && IMPORTED_BY_APP_MODULE_ALONE.includes(partOf(target) ?? ''))
      .map((target) => `${file.path} imports ${target}`);
  },
};

const composesOnly: FileRule = {
  name: 'nothing imports the composition root but the bootstrap',
  check: (file) =>
    file.path === 'src/main.ts'
      ? []
      : relativeImports(file)
          .filter(isRoot)
          .map((target) => `${file.path} imports ${target}`),
};

const enginePackages: FileRule = {
  name: 'the engine imports pure packages only',
  check: (file) =>
    !isEngine(file) || isSpec(file)
      ? []
      : packageImports(file)
          .filter((name) => !isListed(name, PACKAGES_OF_ENGINE))
          .map((name) => `${file.path} imports ${name}`),
};

const specPackages: FileRule = {
  name: 'specs beside code need no database, socket or process',
  check: (file) =>
    !isSpec(file)
      ? []
      : packageImports(file)
          .filter((name) => isListed(name, PACKAGES_OF_BLACK_BOX_TESTS))
          .map((name) => `${file.path} imports ${name}`),
};

const extensions: FileRule = {
  name: 'relative imports end in .js',
  check: (file) =>
    specifiersOf(file)
      .filter((specifier) => specifier.startsWith('.') && !specifier.endsWith('.js'))
      .map((specifier) => `${file.path} imports ${specifier}`),
};

export const importRules: readonly FileRule[] = [
  knownPart,
  importTable,
  compositionRoot,
  composesOnly,
  enginePackages,
  specPackages,
  extensions,
];

const isRoot = (path: string): boolean => ROOT_FILES.includes(path);

/** The part that a file of `src` belongs to. */
const partOf = (path: string): string | undefined =>
  Object.keys(IMPORT_TABLE).find((part) => path.startsWith(`src/${part}/`));

const isAllowed = (target: string, allowed: readonly string[]): boolean =>
  allowed.some((rule) => {
    if (rule === '*.port.ts') return target.endsWith('.port.ts');
    if (rule === 'migrations') return target.startsWith('migrations/');
    return target.startsWith(`src/${rule.endsWith('/*') ? rule.slice(0, -1) : `${rule}/`}`);
  });

const isListed = (name: string, list: readonly string[]): boolean =>
  list.some((entry) => (entry.endsWith('/') ? name.startsWith(entry) : name === entry || name.startsWith(`${entry}/`)));

/** The files that a file imports, by path from the project's folder. */
const relativeImports = (file: SourceFile): string[] =>
  specifiersOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file.path), specifier).replace(/\.js$/, '.ts'));

const packageImports = (file: SourceFile): string[] =>
  specifiersOf(file).filter((specifier) => !specifier.startsWith('.'));

/** Static, dynamic and type-only imports, and re-exports. */
const specifiersOf = ({ text }: SourceFile): string[] =>
  ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
