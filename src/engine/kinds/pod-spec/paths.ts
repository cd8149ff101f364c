/** Rules for paths below a volume or on a node. Only `/` separates: the containers are Linux's as far as the API server knows. */
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';

export const hasBackstep = (path: string): boolean => path.includes('..') && path.split('/').includes('..');

export function checkNoBacksteps(report: Report, field: string, path: string): void {
  if (hasBackstep(path)) report(invalid(field, path, "must not contain '..'"));
}

/** Relative, and not upwards. */
export function checkDescendingPath(report: Report, field: string, path: string): void {
  if (path.startsWith('/')) report(invalid(field, path, 'must be a relative path'));
  checkNoBacksteps(report, field, path);
}

/** As `checkDescendingPath`; names that start with two dots belong to the volume's own writer. */
export function checkUnreservedPath(report: Report, field: string, path: string): void {
  checkDescendingPath(report, field, path);
  if (path.startsWith('..') && !path.startsWith('../') && !hasBackstep(path)) {
    report(invalid(field, path, "must not start with '..'"));
  }
}
