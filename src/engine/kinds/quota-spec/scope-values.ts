import type { ScopedResourceSelectorRequirement } from '../../machinery/api/core-v1.js';

/** Whether one of the names that an object has, if any, satisfies the selector. */
export function matchesScopeValues(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  names: readonly string[],
): boolean {
  switch (operator) {
    case 'Exists':
      return names.length > 0;
    case 'DoesNotExist':
      return names.length === 0;
    case 'In':
      return names.some((name) => values.includes(name));
    case 'NotIn':
      return names.length === 0 || names.some((name) => !values.includes(name));
    default:
      return false;
  }
}
