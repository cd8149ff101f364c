/** Mirrors `validateResourceSliceSpec`, without the parts whose features are off and whose fields are dropped. */
import type {
  Device,
  DeviceAttribute,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../machinery/api/resource-v1.js';
import { invalid, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkNodeSelectorTerm } from '../pod-spec/affinity-rules.js';
import { checkDnsLabel, checkDnsSubdomain } from '../pod-spec/checks.js';
import { internalForm } from '../pod-spec/internal-form.js';
import { checkImmutable } from '../shared/immutable.js';
import { checkDriverName } from '../storage-spec/driver-name.js';
import { checkSet } from './lists.js';
import { checkPoolName, checkQualifiedIdentifier } from './names.js';

const DEVICES_MAX = 128;
const PROPERTIES_MAX = 32;
const VALUE_BYTES_MAX = 64;
const KEY_SHOWN_MAX = 63 + 1 + 32;
const ELLIPSIS = '...';
const ONE_OF = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const PRE_RELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMANTIC_VERSION = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`,
);

export function checkSlice({ spec }: ResourceSlice, report: Report, old?: ResourceSlice): void {
  checkDriverName(report, 'spec.driver', spec.driver);
  checkPool(report, 'spec.pool', spec.pool);
  if (old !== undefined) {
    checkImmutable(report, 'spec.pool.name', [spec.pool.name, old.spec.pool.name]);
    checkImmutable(report, 'spec.driver', [spec.driver, old.spec.driver]);
    checkImmutable(report, 'spec.nodeName', [spec.nodeName, old.spec.nodeName]);
  }
  checkNodes(report, 'spec', spec);
  checkSet(
    report,
    'spec.devices',
    { list: spec.devices, countMax: DEVICES_MAX, keyOf: ({ name }) => name },
    (device, at) => checkDevice(report, at, device),
  );
}

function checkPool(report: Report, path: string, { name, resourceSliceCount, generation }: ResourcePool): void {
  checkPoolName(report, `${path}.name`, name);
  if (resourceSliceCount <= 0) {
    report(invalid(`${path}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero'));
  }
  if (generation < 0) report(invalid(`${path}.generation`, generation, 'must be greater than or equal to zero'));
}

function checkNodes(report: Report, path: string, spec: ResourceSliceSpec): void {
  const { nodeName, nodeSelector, allNodes } = spec;
  const given: string[] = [];
  if (nodeName === '') {
    report(invalid(`${path}.nodeName`, nodeName, 'must be either unset or set to a non-empty string'));
  } else if (nodeName !== undefined) {
    given.push('`nodeName`');
    checkDnsSubdomain(report, `${path}.nodeName`, nodeName);
  }
  if (nodeSelector !== undefined) {
    given.push('`nodeSelector`');
    checkSelector(report, `${path}.nodeSelector.nodeSelectorTerms`, nodeSelector);
  }
  if (allNodes === true) given.push('`allNodes`');
  else if (allNodes === false) report(invalid(`${path}.allNodes`, allNodes, 'must be either unset or set to true'));
  if (given.length === 0) report(required(path, ONE_OF));
  else if (given.length > 1) {
    report(invalid(path, `{${given.join(', ')}}`, `${ONE_OF}, but multiple fields are set`));
  }
}

function checkSelector(report: Report, path: string, selector: NonNullable<ResourceSliceSpec['nodeSelector']>): void {
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) report(required(path, 'must have at least one node selector term'));
  for (const [index, term] of terms.entries()) checkNodeSelectorTerm(report, `${path}[${index}]`, term, false);
  if (terms.length === 1) return;
  const shown = terms.map((term) => internalForm('NodeSelectorTerm', term));
  report(invalid(path, shown, 'must have exactly one node selector term'));
}

function checkDevice(report: Report, path: string, { name, attributes = {}, capacity = {} }: Device): void {
  checkDnsLabel(report, `${path}.name`, name);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > PROPERTIES_MAX) {
    report(invalid(path, count, `the total number of attributes and capacities must not exceed ${PROPERTIES_MAX}`));
  }
  for (const [key, attribute] of sortedEntries(attributes)) {
    const at = `${path}.attributes[${shortened(key)}]`;
    checkQualifiedIdentifier(report, at, key);
    checkAttribute(report, at, attribute);
  }
  for (const [key] of sortedEntries(capacity)) {
    checkQualifiedIdentifier(report, `${path}.capacity[${shortened(key)}]`, key);
  }
}

function checkAttribute(report: Report, path: string, attribute: DeviceAttribute): void {
  const { string, version } = attribute;
  if (string !== undefined && byteLength(string) > VALUE_BYTES_MAX) {
    report(tooLong(`${path}.string`, VALUE_BYTES_MAX));
  }
  if (version !== undefined) {
    if (!SEMANTIC_VERSION.test(version)) {
      report(invalid(`${path}.version`, version, 'must be a string compatible with semver.org spec 2.0.0'));
    }
    if (byteLength(version) > VALUE_BYTES_MAX) report(tooLong(`${path}.version`, VALUE_BYTES_MAX));
  }
  const count = Object.keys(attribute).length;
  if (count === 1) return;
  const shown = count === 0 ? '' : internalForm('DeviceAttribute', attribute);
  report(invalid(path, shown, 'exactly one value must be specified'));
}

const sortedEntries = <Value>(map: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

/** Cut in the middle, as upstream shows keys that are too long. */
function shortened(key: string): string {
  if (key.length <= KEY_SHOWN_MAX) return key;
  const rest = KEY_SHOWN_MAX - ELLIPSIS.length;
  return `${key.slice(0, Math.ceil(rest / 2))}${ELLIPSIS}${key.slice(key.length - Math.floor(rest / 2))}`;
}
