import ts from 'typescript';
import { isSpec, nodesOf, placeOf, type FileRule, type SourceFile } from './source-file.js';

const LINES_MAX = 400;
const PARAMETERS_MAX = 4;
/** Of a class that Nest constructs. */
const DEPENDENCIES_MAX = 5;
const OPENING_LINES_MAX = 10;
/** Written by `npm run generate`; a folder ends in `/`. */
const GENERATED: readonly string[] = [
  'src/engine/cluster/bootstrap/objects.ts',
  'src/engine/machinery/api/',
  'src/engine/machinery/schema/facts.ts',
];
const ESCAPES = /@ts-(ignore|nocheck|expect-error)|eslint-disable|\b(TODO|FIXME|XXX)\b/;
const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array']);

const short: FileRule = {
  name: `a file has at most ${LINES_MAX} lines`,
  check({ path, text }) {
    const lines = text.trimEnd().split('\n').length;
    const isExempt = path.endsWith('.spec.ts') || isGenerated(path);
    return isExempt || lines <= LINES_MAX ? [] : [`${path} has ${lines} lines`];
  },
};

const fewParameters: FileRule = {
  name: `a function takes at most ${PARAMETERS_MAX} parameters`,
  check(file) {
    if (isSpec(file) || isGenerated(file.path)) return [];
    return found(file, (node) => {
      if (!ts.isFunctionLike(node)) return undefined;
      const max = ts.isConstructorDeclaration(node) ? DEPENDENCIES_MAX : PARAMETERS_MAX;
      const count = node.parameters.length;
      return count > max ? `has a function of ${count} parameters` : undefined;
    });
  },
};

const noModuleState: FileRule = {
  name: 'no state lives in module-level variables',
  check(file) {
    const sentences: string[] = [];
    for (const statement of isSpec(file) ? [] : file.tree.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const isConstant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
      for (const each of statement.declarationList.declarations) {
        if (isConstant && !isMutable(each, file)) continue;
        sentences.push(`${placeOf(file, each)} keeps state in ${each.name.getText(file.tree)}`);
      }
    }
    return sentences;
  },
};

const noEnums: FileRule = {
  name: 'string unions, not enums; modules, not namespaces',
  check: (file) =>
    found(file, (node) => {
      if (ts.isEnumDeclaration(node)) return 'declares an enum';
      return ts.isModuleDeclaration(node) && (node.flags & ts.NodeFlags.Namespace) !== 0
        ? 'declares a namespace'
        : undefined;
    }),
};

const namedExports: FileRule = {
  name: 'exports are named, and no file is a barrel',
  check(file) {
    const { statements } = file.tree;
    const isBarrel = statements.length > 1 && statements.every(isReExport);
    const sentences = isBarrel || /(^|\/)index\.ts$/.test(file.path) ? [`${file.path} is a barrel`] : [];
    for (const statement of statements) {
      if (ts.isExportDeclaration(statement) && statement.exportClause === undefined) {
        sentences.push(`${placeOf(file, statement)} exports everything of another file`);
      }
      if (ts.isExportAssignment(statement) || isDefault(statement)) {
        sentences.push(`${placeOf(file, statement)} has a default export`);
      }
    }
    return sentences;
  },
};

const ports: FileRule = {
  name: 'a port is an interface, with the errors and definitions that are part of it',
  check(file) {
    if (!file.path.endsWith('.port.ts')) return [];
    const isFree = (statement: ts.Statement): boolean =>
      ts.isImportDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isExportDeclaration(statement) ||
      isErrorClass(statement) ||
      isDefiner(statement);
    return file.tree.statements
      .filter((statement) => !isFree(statement))
      .map((statement) => `${placeOf(file, statement)} is no interface`);
  },
};

const noEscapes: FileRule = {
  name: 'nothing switches a check off or is left for later',
  check(file) {
    const { path, text } = file;
    const written = text
      .split('\n')
      .flatMap((line, index) =>
        ESCAPES.test(line) ? [`${path}:${index + 1} has ${ESCAPES.exec(line)?.[0] ?? ''}`] : [],
      );
    return [
      ...written,
      ...found(file, (node) => (node.kind === ts.SyntaxKind.AnyKeyword ? 'has the type any' : undefined)),
    ];
  },
};

const shortOpening: FileRule = {
  name: `a file opens with at most ${OPENING_LINES_MAX} lines of comment`,
  check({ path, text }) {
    const opening = /^(\/\/[^\n]*\n|\s*\/\*[^]*?\*\/\n)+/.exec(text)?.[0] ?? '';
    const lines = opening.trimEnd().split('\n').length;
    return lines > OPENING_LINES_MAX ? [`${path} opens with ${lines} lines`] : [];
  },
};

export const shapeRules: readonly FileRule[] = [
  short,
  fewParameters,
  noModuleState,
  noEnums,
  namedExports,
  ports,
  noEscapes,
  shortOpening,
];

const isGenerated = (path: string): boolean =>
  GENERATED.some((each) => (each.endsWith('/') ? path.startsWith(each) : path === each));

function found(file: SourceFile, what: (node: ts.Node) => string | undefined): string[] {
  const sentences: string[] = [];
  for (const node of nodesOf(file.tree)) {
    const sentence = what(node);
    if (sentence !== undefined) sentences.push(`${placeOf(file, node)} ${sentence}`);
  }
  return sentences;
}

/** A collection that is not declared read-only, or a literal that starts out empty, is there to be filled. */
function isMutable({ type, initializer }: ts.VariableDeclaration, { tree }: SourceFile): boolean {
  if (initializer === undefined) return true;
  const declared = type?.getText(tree) ?? '';
  if (/^(Readonly|readonly )/.test(declared)) return false;
  if (ts.isNewExpression(initializer)) {
    return (
      COLLECTIONS.has(initializer.expression.getText(tree)) && /^$|^(Weak)?(Map|Set)\b|^Array\b|\[\]$/.test(declared)
    );
  }
  if (type !== undefined && !/\[\]|^Record\b|^\{/.test(declared)) return false;
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
  return ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 0;
}

const isReExport = (statement: ts.Statement): boolean =>
  ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;

const isDefault = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);

/** `defineX`: freezes what it is given, so that an object of the port's interface can be written as a definition. */
const isDefiner = (statement: ts.Statement): boolean =>
  ts.isVariableStatement(statement) &&
  statement.declarationList.declarations.every(
    ({ name, initializer }) =>
      /^define[A-Z]/.test(name.getText()) && /=> Object\.freeze\(\w+\)$/.test(initializer?.getText() ?? ''),
  );

const isErrorClass = (statement: ts.Statement): boolean =>
  ts.isClassDeclaration(statement) &&
  (statement.heritageClauses ?? []).some(({ types }) =>
    types.some(({ expression }) => expression.getText().endsWith('Error')),
  );
