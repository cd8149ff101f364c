import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importRules } from './support/architecture/import-rules.js';
import { layoutRules, strayEntries } from './support/architecture/layout-rules.js';
import { purityRules } from './support/architecture/purity-rules.js';
import { registryRules } from './support/architecture/registry-rules.js';
import { shapeRules } from './support/architecture/shape-rules.js';
import { sourceFile, type FileRule, type ProjectRule } from './support/architecture/source-file.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort()
  .map((path) => sourceFile(`src/${path}`, readFileSync(join(root, 'src', path), 'utf8')));

const fileRules: readonly FileRule[] = [...importRules, ...purityRules, ...shapeRules];
const projectRules: readonly ProjectRule[] = [...registryRules, ...layoutRules];

describe('the architecture', () => {
  it.each(fileRules)('$name', (rule) => {
    expect(sources.flatMap((file) => rule.check(file))).toEqual([]);
  });

  it.each(projectRules)('$name', (rule) => {
    expect(rule.check(sources)).toEqual([]);
  });

  it('has the top level of the design, and nothing else', () => {
    expect(strayEntries(readdirSync(root))).toEqual([]);
  });
});

type Plant = readonly [rule: string, path: string, text: string, violations: number];

const CLEAN = 0;
const FOUND = 1;

/** Each rule against a text that breaks it, and against the nearest text that does not. */
const PLANTS: readonly Plant[] = [
  ['every file belongs to a part', 'src/helpers/text.ts', '', FOUND],
  ['every file belongs to a part', 'src/engine/utils.ts', '', FOUND],
  ['every file belongs to a part', 'src/main.ts', '', CLEAN],
  ['a part imports only', 'src/engine/kernel/clock.ts', `import { Kind } from '../machinery/kind.js';`, FOUND],
  ['a part imports only', 'src/engine/kernel/clock.ts', `import { assert } from './assert.js';`, CLEAN],
  ['a part imports only', 'src/engine/kinds/pod.ts', `import type { Client } from '../client/client.js';`, FOUND],
  ['a part imports only', 'src/engine/kubelet/kubelet.ts', `import { Store } from '../etcd/store.js';`, FOUND],
  ['a part imports only', 'src/engine/kubelet/kubelet.ts', `import { x } from '../container-runtime/x.js';`, CLEAN],
  ['a part imports only', 'src/engine/kube-scheduler/a.ts', `import { x } from '../kube-apiserver/x.js';`, FOUND],
  ['a part imports only', 'src/engine/kube-scheduler/a.ts', `const x = await import('../kubelet/x.js');`, FOUND],
  ['a part imports only', 'src/engine/kube-scheduler/a.spec.ts', `import { x } from '../kubelet/x.js';`, CLEAN],
  ['a part imports only', 'src/engine/traffic/a.ts', `import { x } from '../kube-proxy/x.js';`, CLEAN],
  ['a part imports only', 'src/engine/faults/a.ts', `import { x } from '../kube-proxy/x.js';`, FOUND],
  ['a part imports only', 'src/engine/cluster/a.ts', `import { x } from '../faults/x.js';`, CLEAN],
  ['a part imports only', 'src/engine/cluster/a.ts', `import { x } from '../../hosting/x.js';`, FOUND],
  ['a part imports only', 'src/hosting/a.ts', `import { x } from '../engine/kinds/x.js';`, FOUND],
  ['a part imports only', 'src/management/a.ts', `import { x } from '../persistence/x.js';`, FOUND],
  ['a part imports only', 'src/management/a.ts', `import { x } from '../streams/x.js';`, FOUND],
  ['a part imports only', 'src/persistence/a.ts', `import type { X } from '../hosting/x.port.js';`, CLEAN],
  ['a part imports only', 'src/persistence/a.ts', `import type { X } from '../hosting/x.js';`, FOUND],
  ['a part imports only', 'src/persistence/a.ts', `import { X } from '../../migrations/x.js';`, CLEAN],
  ['a part imports only', 'src/hosting/a.ts', `import { X } from '../../migrations/x.js';`, FOUND],
  ['the composition root alone', 'src/main.ts', `import { x } from './persistence/x.js';`, FOUND],
  ['the composition root alone', 'src/app.module.ts', `import { x } from './persistence/x.js';`, CLEAN],
  ['nothing imports the composition root', 'src/ops/a.ts', `import { x } from '../app.module.js';`, FOUND],
  ['nothing imports the composition root', 'src/main.ts', `import { x } from './app.module.js';`, CLEAN],
  ['the engine imports pure packages', 'src/engine/etcd/a.ts', `import { readFileSync } from 'node:fs';`, FOUND],
  ['the engine imports pure packages', 'src/engine/etcd/a.ts', `import BTree from 'sorted-btree';`, CLEAN],
  ['the engine imports pure packages', 'src/engine/kinds/a.ts', `import { x } from '@noble/hashes/sha2.js';`, CLEAN],
  ['the engine imports pure packages', 'src/engine/kinds/a.ts', `import { x } from '@noble/curves/p256.js';`, FOUND],
  ['specs beside code', 'src/hosting/a.spec.ts', `import { spawn } from 'node:child_process';`, FOUND],
  ['specs beside code', 'src/hosting/a.spec.ts', `import { Test } from '@nestjs/testing';`, FOUND],
  ['specs beside code', 'src/hosting/a.spec.ts', `import fc from 'fast-check';`, CLEAN],
  ['relative imports end', 'src/ops/a.ts', `import { x } from './x';`, FOUND],
  ['the engine is synchronous', 'src/engine/etcd/a.ts', 'export const read = async () => 1;', FOUND],
  ['the engine is synchronous', 'src/engine/etcd/a.ts', '/** Not async; nothing to await. */', CLEAN],
  ['the engine is synchronous', 'src/hosting/a.ts', 'export const read = async () => 1;', CLEAN],
  ['the engine is deterministic', 'src/engine/etcd/a.ts', 'export const now = () => Date.now();', FOUND],
  ['the engine is deterministic', 'src/engine/etcd/a.ts', 'export const now = () => new Date();', FOUND],
  ['the engine is deterministic', 'src/engine/etcd/a.ts', 'export const at = (ms: number) => new Date(ms);', CLEAN],
  ['the engine is deterministic', 'src/engine/etcd/a.ts', 'export const dice = () => Math.random();', FOUND],
  ['the engine does not depend', 'src/engine/etcd/a.ts', `export const order = 'a'.localeCompare('b');`, FOUND],
  ['the engine does not depend', 'src/engine/etcd/a.ts', 'export const h = (d: Date) => d.getHours();', FOUND],
  ['the engine does not depend', 'src/engine/etcd/a.ts', 'export const h = (d: Date) => d.getUTCHours();', CLEAN],
  ['the engine does not know', 'src/engine/etcd/a.ts', 'export const later = () => setTimeout(() => 1, 2);', FOUND],
  ['the engine does not know', 'src/engine/etcd/a.ts', 'export type Later = Promise<number>;', FOUND],
  [
    'the engine does not know',
    'src/engine/etcd/a.ts',
    'export const say = (text: string) => console.log(text);',
    FOUND,
  ],
  ['the engine does not know', 'src/engine/etcd/a.ts', 'export interface Told { readonly process: string }', CLEAN],
  ['the engine does not know', 'src/engine/etcd/a.ts', 'export const end = (process: X) => process.end();', CLEAN],
  ['a file has at most', 'src/ops/a.ts', 'line();\n'.repeat(401), FOUND],
  ['a file has at most', 'src/ops/a.ts', 'line();\n'.repeat(400), CLEAN],
  ['a file has at most', 'src/engine/machinery/api/core-v1.ts', 'line();\n'.repeat(401), CLEAN],
  ['a function takes at most', 'src/ops/a.ts', 'export function f(a, b, c, d, e) {}', FOUND],
  ['a function takes at most', 'src/ops/a.ts', 'export class A { constructor(a, b, c, d, e) {} }', CLEAN],
  ['no state lives', 'src/ops/a.ts', 'let count = 0;', FOUND],
  ['no state lives', 'src/ops/a.ts', 'const seen = new Map<string, number>();', FOUND],
  ['no state lives', 'src/ops/a.ts', 'const seen: string[] = [];', FOUND],
  ['no state lives', 'src/ops/a.ts', `const known: ReadonlySet<string> = new Set(['a']);`, CLEAN],
  ['no state lives', 'src/ops/a.ts', 'const nothing: Options = {};', CLEAN],
  ['no state lives', 'src/ops/a.ts', 'const none: Repeated = new Map();', CLEAN],
  ['no state lives', 'src/ops/a.ts', 'const seen: Map<string, number> = new Map();', FOUND],
  ['no state lives', 'src/ops/a.ts', 'export function f() { let count = 0; return count; }', CLEAN],
  ['string unions, not enums', 'src/ops/a.ts', 'export enum Colour { Red }', FOUND],
  ['string unions, not enums', 'src/ops/a.ts', 'export namespace Colours { export const red = 1; }', FOUND],
  ['exports are named', 'src/ops/a.ts', 'export default 1;', FOUND],
  ['exports are named', 'src/ops/a.ts', 'export default function f() {}', FOUND],
  ['exports are named', 'src/ops/a.ts', `export * from './b.js';`, FOUND],
  ['exports are named', 'src/ops/a.ts', `export { b } from './b.js';\nexport { c } from './c.js';`, FOUND],
  ['exports are named', 'src/ops/index.ts', 'export const a = 1;', FOUND],
  ['exports are named', 'src/ops/a.ts', 'export const a = 1;', CLEAN],
  ['a port is an interface', 'src/hosting/a.port.ts', 'export const a = 1;', FOUND],
  ['a port is an interface', 'src/hosting/a.port.ts', 'export class Log {}', FOUND],
  ['a port is an interface', 'src/hosting/a.port.ts', 'export const defineA = (a: A): A => Object.freeze(a);', CLEAN],
  ['a port is an interface', 'src/hosting/a.port.ts', 'export class Gone extends Error {}', CLEAN],
  ['a port is an interface', 'src/hosting/a.port.ts', 'export interface Log { append(): void }', CLEAN],
  ['nothing switches a check off', 'src/ops/a.ts', 'const a = 1 as any;', FOUND],
  ['nothing switches a check off', 'src/ops/a.ts', '// eslint-disable-next-line no-console', FOUND],
  ['nothing switches a check off', 'src/ops/a.ts', '// TODO: the rest', FOUND],
  ['nothing switches a check off', 'src/ops/a.ts', '// As any reader sees.', CLEAN],
  ['a file opens with at most', 'src/ops/a.ts', `${'// A word.\n'.repeat(11)}export const a = 1;`, FOUND],
  ['a file opens with at most', 'src/ops/a.ts', `${'// A word.\n'.repeat(10)}export const a = 1;`, CLEAN],
];

describe('a rule about files', () => {
  it.each(PLANTS)('is broken by what breaks it, and by nothing else: %s (%s)', (name, path, text, violations) => {
    const rule = fileRules.find((each) => each.name.startsWith(name));
    expect(rule?.check(sourceFile(path, text))).toHaveLength(violations);
  });

  it('has been seen to fail', () => {
    const failed = PLANTS.filter(([, , , violations]) => violations > 0).map(([name]) => name);
    expect(fileRules.map(({ name }) => name).filter((name) => !failed.some((each) => name.startsWith(each)))).toEqual(
      [],
    );
  });
});

describe('a rule about the project', () => {
  const check = (name: string, files: Readonly<Record<string, string>>): readonly string[] | undefined =>
    projectRules
      .find((each) => each.name.startsWith(name))
      ?.check(Object.entries(files).map(([path, text]) => sourceFile(path, text)));
  const definition = 'export const fast = definePlugin({ name: "Fast" });';
  const folder = 'src/engine/kube-scheduler/plugins';

  it('finds a definition that no registry lists', () => {
    const registry = `import { fast } from './fast.js';\nexport const plugins = [];\nvoid fast;`;
    expect(
      check('registries hold', { [`${folder}/fast.ts`]: definition, [`${folder}/registry.ts`]: registry }),
    ).toEqual([`${folder}/registry.ts does not list ${folder}/fast.ts`]);
    const complete = registry.replace('[]', 'Object.freeze([fast])');
    expect(
      check('registries hold', { [`${folder}/fast.ts`]: definition, [`${folder}/registry.ts`]: complete }),
    ).toEqual([]);
  });

  it('finds definitions without a registry', () => {
    expect(check('registries hold', { 'src/engine/faults/fast.ts': definition })).toEqual([
      'src/engine/faults/registry.ts is missing',
    ]);
    expect(check('registries hold', {})).toEqual([]);
  });

  it('finds two definitions in a file, and one that is named otherwise', () => {
    expect(check('a file of a registry', { [`${folder}/slow.ts`]: definition })).toHaveLength(1);
    expect(check('a file of a registry', { [`${folder}/fast.ts`]: `${definition}\n${definition}` })).toHaveLength(1);
    expect(check('a file of a registry', { [`${folder}/fast.ts`]: definition })).toEqual([]);
  });

  it('finds a spec in a folder of its own', () => {
    expect(check('a spec stands beside', { 'src/ops/specs/a.spec.ts': '', 'src/ops/a.ts': '' })).toHaveLength(1);
    expect(check('a spec stands beside', { 'src/ops/a-story.spec.ts': '', 'src/ops/a.ts': '' })).toEqual([]);
  });

  it('finds a file name in camel case', () => {
    expect(check('files have lower-case names', { 'src/ops/apiDocs.ts': '' })).toHaveLength(1);
    expect(check('files have lower-case names', { 'src/ops/api-docs.controller.ts': '' })).toEqual([]);
  });

  it('finds a part that does not say what it mirrors', () => {
    expect(check('each engine part says', { 'src/engine/kubelet/kubelet.ts': 'export class Kubelet {}' })).toHaveLength(
      1,
    );
    const told = '// Mirrors the kubelet. It leaves out volumes.\nexport class Kubelet {}';
    expect(check('each engine part says', { 'src/engine/kubelet/kubelet.ts': told })).toEqual([]);
  });

  it('finds a stray file at the top', () => {
    expect(strayEntries(['src', 'notes.txt', 'node_modules', '.ci'])).toEqual(['notes.txt has no place here']);
  });
});
