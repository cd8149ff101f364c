import { invalid, required, tooLong } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';

const DOMAIN_BYTES_MAX = 253;
const NAME_BYTES_MAX = 253 + 63 * 2;

/** Upstream's rule for the name of a signer: `example.com/signer-name`. */
export function checkSignerName(report: Report, path: string, name: string): void {
  if (name === '') return report(required(path));
  const [domain = '', rest = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0) {
    return report(
      invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"),
    );
  }
  const checkParts = (whole: string, faultsOf: (part: string) => readonly string[]): void => {
    for (const part of whole.split('.')) {
      for (const fault of faultsOf(part)) report(invalid(path, whole, `validating label ${goQuote(part)}: ${fault}`));
    }
  };
  checkParts(domain, dns1123LabelFaults);
  if (domain.split('.').length < 2) {
    report(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  checkParts(rest, dns1123SubdomainFaults);
  if (domain.length > DOMAIN_BYTES_MAX || name.length > NAME_BYTES_MAX) report(tooLong(path, NAME_BYTES_MAX));
}
