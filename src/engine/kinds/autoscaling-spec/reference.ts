import type { CrossVersionObjectReference } from '../../machinery/api/autoscaling-v2.js';
import { invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';

export interface ReferenceRules {
  /** What an object said before it may go on saying. */
  readonly allowsAnyVersion: boolean;
  readonly allowsCoreGroup: boolean;
}

export function checkReference(
  report: Report,
  path: string,
  reference: CrossVersionObjectReference,
  rules: ReferenceRules,
): void {
  const { kind, name, apiVersion = '' } = reference;
  if (kind === '') report(required(`${path}.kind`));
  else reportFaults(report, `${path}.kind`, kind, pathSegmentFaults(kind));
  if (name === '') report(required(`${path}.name`));
  else reportFaults(report, `${path}.name`, name, pathSegmentFaults(name));
  const fault = rules.allowsAnyVersion ? undefined : versionFault(apiVersion, rules);
  if (fault !== undefined) report(invalid(`${path}.apiVersion`, apiVersion, fault));
}

function versionFault(apiVersion: string, { allowsCoreGroup }: ReferenceRules): string | undefined {
  const slashes = apiVersion.split('/').length - 1;
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`;
  const hasGroup = apiVersion.indexOf('/') > 0;
  return hasGroup || allowsCoreGroup ? undefined : 'apiVersion must specify API group';
}
