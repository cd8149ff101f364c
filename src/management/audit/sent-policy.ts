import type { AuditPolicy } from '../../engine/kube-apiserver/audit/audit-policy.js';
import { readAuditPolicy } from '../../engine/kube-apiserver/audit/policy-problems.js';
import { parseYaml } from '../../engine/machinery/json/parse-yaml.js';
import { InvalidBodyError } from '../validation.js';

/** The policy in a body: YAML as text, or JSON that is parsed already. @throws InvalidBodyError */
export function sentPolicy(body: unknown, path = ''): AuditPolicy {
  const { policy, problems } = readAuditPolicy(typeof body === 'string' ? valueOf(body) : body, path);
  if (policy === undefined) throw new InvalidBodyError(problems);
  return policy;
}

function valueOf(yaml: string): unknown {
  const { value, fault, strictFault } = parseYaml(yaml);
  const wrong = fault ?? strictFault;
  if (wrong !== undefined) throw new InvalidBodyError([{ field: '', message: `the policy is no YAML: ${wrong}` }]);
  return value;
}
