import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkQualifiedName } from '../pod-spec/checks.js';

const STANDARD_FINALIZERS: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** The core group's rule: a finalizer without a domain is one of upstream's own. */
export function checkFinalizerName(report: Report, path: string, name: string): void {
  checkQualifiedName(report, path, name);
  if (name.includes('/') || STANDARD_FINALIZERS.includes(name)) return;
  report(invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}
