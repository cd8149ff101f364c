import type { LibraryNode } from './tree-builder.js';

/** cel-go's limit: how deeply an expression may be nested. */
export const DEPTH_MAX = 250;
/** The grammar calls itself for each sign. */
const SIGNS_MAX = 1_000;

/** Whether more signs stand in a row than can be parsed. */
export function hasManySigns(text: string): boolean {
  let count = 0;
  for (const character of text) {
    if (character === '!' || character === '-') count++;
    else if (character.trim() !== '') count = 0;
    if (count > SIGNS_MAX) return true;
  }
  return false;
}

interface Open {
  readonly part: unknown;
  readonly depth: number;
}

/** Whether a tree is deeper than all that walks it can go. Rows of `&&` and of `||` and rows of signs count once. */
export function isTooDeep(root: LibraryNode): boolean {
  const open: Open[] = [{ part: root, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { part, depth } = next;
    if (depth > DEPTH_MAX) return true;
    if (Array.isArray(part)) for (const each of part) open.push({ part: each, depth });
    else if (isNode(part)) {
      const isRow = (below: unknown): boolean => isNode(below) && below.op === part.op && ROWS.has(part.op);
      const parts: readonly unknown[] = Array.isArray(part.args) ? part.args : [part.args];
      for (const each of parts) open.push({ part: each, depth: isRow(each) ? depth : depth + 1 });
    }
  }
  return false;
}

const ROWS: ReadonlySet<string> = new Set(['&&', '||', '!_', '-_']);

const isNode = (part: unknown): part is LibraryNode =>
  typeof part === 'object' && part !== null && 'op' in part && 'args' in part;
