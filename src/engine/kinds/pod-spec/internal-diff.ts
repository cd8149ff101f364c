import { goJson } from '../../machinery/go-text.js';
import { internalForm } from './internal-form.js';
import { unifiedDiff } from './unified-diff.js';

/** What changed, line by line of upstream's internal form of both. */
export const internalDiff = (type: string, before: object, now: object): string =>
  unifiedDiff(lines(internalForm(type, before)), lines(internalForm(type, now)));

/** Indented by one space a level, as upstream prints it. */
function lines(value: unknown): readonly string[] {
  const text: string[] = [];
  const walk = (each: unknown, head: string, indent: string, tail: string): void => {
    const isList = Array.isArray(each);
    const entries: readonly (readonly [string, unknown])[] = isList
      ? each.map((item: unknown) => ['', item])
      : typeof each === 'object' && each !== null
        ? Object.entries(each)
            .filter(([, item]) => item !== undefined)
            .map(([key, item]) => [`${goJson(key)}: `, item])
        : [];
    if (entries.length === 0) {
      text.push(`${indent}${head}${goJson(each ?? null)}${tail}`);
      return;
    }
    text.push(`${indent}${head}${isList ? '[' : '{'}`);
    for (const [index, [key, item]] of entries.entries()) {
      walk(item, key, `${indent} `, index === entries.length - 1 ? '' : ',');
    }
    text.push(`${indent}${isList ? ']' : '}'}${tail}`);
  };
  walk(value, '', '', '');
  return text;
}
