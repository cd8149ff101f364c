import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { compareQuantity, quantityOf, roundUpQuantity } from '../../machinery/quantity.js';
import { checkQualifiedName } from '../pod-spec/checks.js';
import { isCountedResource, isStandardResource, quantityFrom } from '../pod-spec/resource-lists.js';

const ZERO = quantityOf(0);

/** Not negative, and whole where the resource is counted. */
export function checkResourceQuantity(report: Report, path: string, name: string, text: string): void {
  const quantity = quantityFrom(text);
  if (compareQuantity(quantity, ZERO) < 0) report(invalid(path, text, 'must be greater than or equal to 0'));
  if (isCountedResource(name) && compareQuantity(quantity, roundUpQuantity(quantity, 0)) !== 0) {
    report(invalid(path, text, 'must be an integer'));
  }
}

/** A qualified name; one without a domain is a resource that upstream knows. */
export function checkResourceName(report: Report, path: string, name: string): void {
  let isQualified = true;
  checkQualifiedName(
    (error) => {
      isQualified = false;
      report(error);
    },
    path,
    name,
  );
  if (!isQualified || name.includes('/') || isStandardResource(name)) return;
  report(invalid(path, name, 'must be a standard resource type or fully qualified'));
}
