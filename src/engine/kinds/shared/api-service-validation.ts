/** Mirrors `ValidateAPIService`. */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { invalid, required } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import {
  dns1035LabelFaults,
  dns1123SubdomainFaults,
  inclusiveRangeMessage,
  pathSegmentFaults,
} from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';
import { base64ByteLength } from './base64-data.js';

const GROUP_PRIORITY_MAX = 20_000;
const VERSION_PRIORITY_MAX = 1_000;
const PORT_MAX = 65_535;

export function validateApiService({ metadata, spec }: APIService, report: Report): void {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec ?? {};
  const { name = '' } = metadata;
  const wanted = `${version}.${group}`;
  if (name !== '' && name !== wanted && pathSegmentFaults(name).length === 0) {
    report(invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${goQuote(wanted)}`));
  }
  if (group !== '') reportFaults(report, 'spec.group', group, dns1123SubdomainFaults(group));
  else if (version !== 'v1') {
    report(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  }
  reportFaults(report, 'spec.version', version, dns1035LabelFaults(version));
  checkPriority(report, 'spec.groupPriorityMinimum', groupPriorityMinimum ?? 0, GROUP_PRIORITY_MAX);
  checkPriority(report, 'spec.versionPriority', versionPriority ?? 0, VERSION_PRIORITY_MAX);
  validateService(spec, report);
}

function checkPriority(report: Report, path: string, value: number, valueMax: number): void {
  if (value <= 0 || value > valueMax) report(invalid(path, value, `must be positive and less than ${valueMax}`));
}

function validateService(spec: APIService['spec'], report: Report): void {
  const bundle = spec?.caBundle ?? '';
  const skips = spec?.insecureSkipTLSVerify ?? false;
  if (spec?.service === undefined) {
    if (bundle !== '') {
      report(
        invalid('spec.caBundle', `${base64ByteLength(bundle)} bytes`, 'local APIServices may not have a caBundle'),
      );
    }
    if (skips) {
      report(invalid('spec.insecureSkipTLSVerify', skips, 'local APIServices may not have insecureSkipTLSVerify'));
    }
    return;
  }
  const { namespace = '', name = '', port } = spec.service;
  if (namespace === '') report(required('spec.service.namespace'));
  if (name === '') report(required('spec.service.name'));
  if (port !== undefined && (port < 1 || port > PORT_MAX)) {
    report(invalid('spec.service.port', port, `port is not valid: ${inclusiveRangeMessage(1, PORT_MAX)}`));
  }
  if (skips && bundle !== '') {
    report(invalid('spec.insecureSkipTLSVerify', skips, 'may not be true if caBundle is present'));
  }
}
