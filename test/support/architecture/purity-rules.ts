import ts from 'typescript';
import { isEngine, isSpec, nodesOf, placeOf, type FileRule, type SourceFile } from './source-file.js';

/**
 * Names that would let the platform, the wall clock, chance or concurrency into the engine. `Intl` stays: time zones are the same
 * everywhere, and what depends on the machine's language is a rule of its own. So does `WeakRef`: what is shared by content may be
 * made anew at any time.
 */
const BANNED_GLOBALS: ReadonlySet<string> = new Set([
  'Buffer',
  'Promise',
  'SharedArrayBuffer',
  'Atomics',
  'FinalizationRegistry',
  'TextDecoder',
  'TextEncoder',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'eval',
  'fetch',
  'globalThis',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
]);
const BANNED_MEMBERS: ReadonlySet<string> = new Set(['Date.now', 'Math.random']);
/** What these answer depends on the language and time zone of the machine. */
const LOCAL_METHODS =
  /^(toLocale\w+|localeCompare|getTimezoneOffset|get(FullYear|Month|Date|Day|Hours|Minutes|Seconds))$/;

const synchronous: FileRule = {
  name: 'the engine is synchronous',
  check: (file) =>
    violations(file, (node) => {
      if (ts.isAwaitExpression(node)) return 'await';
      return node.kind === ts.SyntaxKind.AsyncKeyword ? 'async' : undefined;
    }),
};

const deterministic: FileRule = {
  name: 'the engine is deterministic',
  check: (file) =>
    violations(file, (node) => {
      if (ts.isPropertyAccessExpression(node)) {
        const member = `${node.expression.getText(file.tree)}.${node.name.text}`;
        return BANNED_MEMBERS.has(member) ? member : undefined;
      }
      const isDate = ts.isNewExpression(node) && node.expression.getText(file.tree) === 'Date';
      return isDate && (node.arguments ?? []).length === 0 ? 'new Date()' : undefined;
    }),
};

const independentOfLocale: FileRule = {
  name: 'the engine does not depend on language or time zone',
  check: (file) =>
    violations(file, (node) => {
      if (!ts.isPropertyAccessExpression(node)) return undefined;
      return LOCAL_METHODS.test(node.name.text) ? node.name.text : undefined;
    }),
};

const platformFree: FileRule = {
  name: 'the engine does not know the platform',
  check(file) {
    const own = new Set(Array.from(declaredNames(file)));
    return violations(file, (node) => {
      if (!ts.isIdentifier(node) || !BANNED_GLOBALS.has(node.text) || own.has(node.text)) return undefined;
      return isName(node) ? undefined : node.text;
    });
  },
};

export const purityRules: readonly FileRule[] = [synchronous, deterministic, independentOfLocale, platformFree];

function violations(file: SourceFile, found: (node: ts.Node) => string | undefined): string[] {
  if (!isEngine(file) || isSpec(file)) return [];
  const sentences: string[] = [];
  for (const node of nodesOf(file.tree)) {
    const what = found(node);
    if (what !== undefined) sentences.push(`${placeOf(file, node)} uses ${what}`);
  }
  return sentences;
}

function* declaredNames({ tree }: SourceFile): Iterable<string> {
  for (const node of nodesOf(tree)) {
    const isDeclaration = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
    if (isDeclaration && ts.isIdentifier(node.name)) yield node.name.text;
  }
}

/** Whether the identifier names a member or a property, which may be called as it likes. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}
