import ts from 'typescript';

/** One file of the project as the rules see it. */
export interface SourceFile {
  /** From the project's folder, such as `src/engine/kernel/clock.ts`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** A rule about single files: one sentence for each violation. */
export interface FileRule {
  readonly name: string;
  check(file: SourceFile): readonly string[];
}

/** A rule about the project as a whole. */
export interface ProjectRule {
  readonly name: string;
  check(files: readonly SourceFile[]): readonly string[];
}

export const sourceFile = (path: string, text: string): SourceFile => ({
  path,
  text,
  tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true),
});

export const isSpec = ({ path }: SourceFile): boolean => path.endsWith('.spec.ts');

export const isEngine = ({ path }: SourceFile): boolean => path.startsWith('src/engine/');

/** What a violation is found under: the path and the line. */
export function placeOf({ path, tree }: SourceFile, node: ts.Node): string {
  return `${path}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
}

/** Every node of the tree, parents first. */
export function* nodesOf(node: ts.Node): Iterable<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}
