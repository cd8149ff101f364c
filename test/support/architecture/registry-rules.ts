import { posix } from 'node:path';
import ts from 'typescript';
import { isSpec, type ProjectRule, type SourceFile } from './source-file.js';

interface Registry {
  /** The ordered array. */
  readonly path: string;
  /** The folder of the definitions; what lies in folders below it is theirs. */
  readonly folder: string;
}

/** Each may be absent as long as its folder is. */
const REGISTRIES: readonly Registry[] = [
  { path: 'src/engine/kinds/registry.ts', folder: 'src/engine/kinds' },
  { path: 'src/engine/kube-apiserver/admission/registry.ts', folder: 'src/engine/kube-apiserver/admission/plugins' },
  { path: 'src/engine/kube-apiserver/encoding/registry.ts', folder: 'src/engine/kube-apiserver/encoding' },
  { path: 'src/engine/kube-apiserver/subresources/registry.ts', folder: 'src/engine/kube-apiserver/subresources' },
  { path: 'src/engine/kube-scheduler/plugins/registry.ts', folder: 'src/engine/kube-scheduler/plugins' },
  {
    path: 'src/engine/kube-controller-manager/controllers/registry.ts',
    folder: 'src/engine/kube-controller-manager/controllers',
  },
  {
    path: 'src/engine/cloud-controller-manager/controllers/registry.ts',
    folder: 'src/engine/cloud-controller-manager/controllers',
  },
  { path: 'src/engine/faults/registry.ts', folder: 'src/engine/faults' },
  { path: 'src/engine/container-runtime/programs/registry.ts', folder: 'src/engine/container-runtime/programs' },
  { path: 'src/engine/network/registry.ts', folder: 'src/engine/network' },
];

/** `export const x = defineX({ … })` or the same with a type argument; helpers of a definition are not exported so. */
const DEFINITION = /^define(?!Index\b)[A-Z]\w*$/;

const complete: ProjectRule = {
  name: 'registries hold every definition of their folder',
  check: (files) =>
    REGISTRIES.flatMap(({ path, folder }) => {
      const definitions = files.filter((file) => posix.dirname(file.path) === folder && definitionsOf(file).length > 0);
      const registry = files.find((file) => file.path === path);
      if (registry === undefined) return definitions.length === 0 ? [] : [`${path} is missing`];
      const registered = registeredIn(registry);
      return definitions
        .filter((file) => !definitionsOf(file).every((name) => registered.has(name)))
        .map((file) => `${path} does not list ${file.path}`);
    }),
};

const namedAlike: ProjectRule = {
  name: 'a file of a registry has one definition, named like it',
  check: (files) =>
    REGISTRIES.flatMap(({ folder }) =>
      files
        .filter((file) => posix.dirname(file.path) === folder && !isSpec(file))
        .flatMap((file) => {
          const names = definitionsOf(file);
          const stem = posix.basename(file.path, '.ts').replaceAll('-', '');
          const isAlike = names.length === 0 || (names.length === 1 && isNamed(names[0] ?? '', stem));
          return isAlike ? [] : [`${file.path} defines ${names.join(', ')}`];
        }),
    ),
};

export const registryRules: readonly ProjectRule[] = [complete, namedAlike];

/** A suffix may keep two definitions of one name apart: the ServiceAccount plugin is not the ServiceAccount kind. */
const isNamed = (name: string, stem: string): boolean => name.toLowerCase().startsWith(stem.toLowerCase());

function definitionsOf(file: SourceFile): string[] {
  if (isSpec(file)) return [];
  return exportedConstants(file).flatMap(({ name, initializer }) => {
    const call = initializer !== undefined && ts.isCallExpression(initializer) ? initializer : undefined;
    const isDefinition = call !== undefined && DEFINITION.test(call.expression.getText(file.tree));
    return isDefinition && ts.isIdentifier(name) ? [name.text] : [];
  });
}

const exportedConstants = ({ tree }: SourceFile): ts.VariableDeclaration[] =>
  tree.statements
    .filter(ts.isVariableStatement)
    .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .flatMap(({ declarationList }) => [...declarationList.declarations]);

/** The names inside the array: an import alone registers nothing. */
function registeredIn({ tree }: SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isArrayLiteralExpression(node)) {
      for (const element of node.elements) if (ts.isIdentifier(element)) names.add(element.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return names;
}
