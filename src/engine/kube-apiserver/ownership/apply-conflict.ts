import { goQuote } from '../../machinery/go-text.js';
import type { FieldSet } from '../../machinery/managed-fields/field-set.js';
import type { FieldSetPool } from '../../machinery/managed-fields/field-set-pool.js';
import type { Manager } from '../../machinery/managed-fields/managers.js';
import { elementLabel } from '../../machinery/managed-fields/path-element.js';
import type { Conflict } from '../../machinery/managed-fields/updater.js';
import { applyConflict, type StatusError } from '../../machinery/status-error.js';

/** The conflicts of an apply, in upstream's words: one on one line, several grouped by manager. */
export function applyConflictError(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${label(manager)}`,
    field: pathText(path),
  }));
  const [first] = causes;
  if (causes.length === 1) {
    return applyConflict(causes, `Apply failed with 1 conflict: ${first!.message}: ${first!.field}`);
  }
  const lines: string[] = [];
  conflicts.forEach(({ manager, path }, at) => {
    if (manager !== conflicts[at - 1]?.manager) lines.push(`conflicts with ${label(manager)}:`);
    lines.push(`- ${pathText(path)}`);
  });
  return applyConflict(causes, `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`);
}

export const withoutAllowed = (
  pool: FieldSetPool,
  conflicts: readonly Conflict[],
  allowed: FieldSet | undefined,
): readonly Conflict[] =>
  allowed === undefined ? conflicts : conflicts.filter(({ path }) => !pool.has(allowed, path));

function label({ name, operation, apiVersion, subresource }: Manager): string {
  const through = subresource === '' ? '' : ` with subresource ${goQuote(subresource)}`;
  return `${goQuote(name)}${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}

const pathText = (path: Conflict['path']): string => path.map(elementLabel).join('');
