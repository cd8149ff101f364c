import { posix } from 'node:path';
import { isSpec, type ProjectRule } from './source-file.js';

const TOP_LEVEL: ReadonlySet<string> = new Set([
  'package.json',
  'tsconfig.json',
  'nest-cli.json',
  'src',
  'migrations',
  'test',
  'openapi.yaml',
  'README.md',
  'bench',
  'docs',
  'scripts',
  '.ci',
  // The usual dot and lock files.
  '.git',
  '.gitignore',
  '.npmrc',
  '.prettierignore',
  '.prettierrc.json',
  'package-lock.json',
]);
/** Not part of the project: see `.gitignore`. */
const IGNORED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'data', 'coverage']);

/** What stands at the top and is not named by the design. */
export const strayEntries = (entries: readonly string[]): string[] =>
  entries.filter((entry) => !TOP_LEVEL.has(entry) && !IGNORED.has(entry)).map((entry) => `${entry} has no place here`);

const specsBesideCode: ProjectRule = {
  name: 'a spec stands beside code',
  check(files) {
    const folders = new Set(files.filter((file) => !isSpec(file)).map(({ path }) => posix.dirname(path)));
    return files
      .filter((file) => isSpec(file) && !folders.has(posix.dirname(file.path)))
      .map(({ path }) => `${path} has no code beside it`);
  },
};

const lowerCaseNames: ProjectRule = {
  name: 'files have lower-case names, words joined by hyphens',
  check: (files) =>
    files
      .filter(({ path }) => !/^[a-z0-9-]+(\.[a-z-]+)*\.ts$/.test(posix.basename(path)))
      .map(({ path }) => `${path} is not named so`),
};

/** Each of these has one file that opens by saying what it mirrors and what it leaves out. */
const MIRRORS = /^\/\/ Mirrors [^]*?\b([Ll]eaves? out|[Ll]eft out)/;
const ENGINE_PARTS_THAT_MIRROR: readonly string[] = [
  'etcd',
  'kube-apiserver',
  'client',
  'kube-scheduler',
  'kube-controller-manager',
  'cloud-controller-manager',
  'kubelet',
  'kube-proxy',
  'container-runtime',
  'network',
];

const partsSayWhatTheyMirror: ProjectRule = {
  name: 'each engine part says what it mirrors and what it leaves out',
  check: (files) =>
    ENGINE_PARTS_THAT_MIRROR.flatMap((part) => {
      const own = files.filter((file) => file.path.startsWith(`src/engine/${part}/`) && !isSpec(file));
      return own.length === 0 || own.some(({ text }) => MIRRORS.test(text))
        ? []
        : [`src/engine/${part} does not say it`];
    }),
};

export const layoutRules: readonly ProjectRule[] = [specsBesideCode, lowerCaseNames, partsSayWhatTheyMirror];
