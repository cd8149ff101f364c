import type {
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../machinery/api/apiextensions-v1.js';
import { compareVersions } from './version-order.js';

/** What every request to a deprecated version is warned with: the definition's own words, or upstream's. */
export function deprecationOf(
  { group, names, versions }: CustomResourceDefinitionSpec,
  { name, deprecated, deprecationWarning }: CustomResourceDefinitionVersion,
): string | undefined {
  if (deprecated !== true) return undefined;
  if (deprecationWarning !== undefined) return deprecationWarning;
  const better = (versions ?? [])
    .filter((each) => each.served && each.deprecated !== true && compareVersions(each.name, name) < 0)
    .map((each) => each.name)
    .sort(compareVersions);
  const words = `${group}/${name} ${names.kind} is deprecated`;
  return better[0] === undefined ? words : `${words}; use ${group}/${better[0]} ${names.kind}`;
}
