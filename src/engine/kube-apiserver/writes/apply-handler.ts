import { goTypeName } from '../../machinery/go-text.js';
import { parseYaml } from '../../machinery/json/parse-yaml.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { badRequest, conflict } from '../../machinery/status-error.js';
import { isJsonObject, type JsonObject } from '../../machinery/structure.js';
import { checkReadable } from '../custom-resources/readable.js';
import type { FieldValidation } from '../decode-body.js';
import { plainJson } from '../ownership/plain-json.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { ensureNamespace } from '../strategy/new-object.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import { answerWritten, keyOfTarget, scopeOf, writerOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { checkName } from './update-handler.js';
import { writeOptionsOf } from './write-options.js';

export const APPLY_TYPE = 'application/apply-patch+yaml';

/** PATCH with a configuration: server-side apply, which makes the object where there is none. */
export function handleApply(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings, audit } = context;
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'PatchOptions', true);
  const { force, fieldManager, fieldValidation } = options;
  const writer = writerOf(context, face, fieldManager);
  const text = parts.text.decode(request.body);
  audit?.requestedWith(() => jsonOf(text));
  let warn = (fault: string): void => void warnings.push(fault);
  const make = (old: KubeObject | undefined): Draft<KubeObject> => {
    checkReadable(target.kind, old);
    const { config, strictFault } = parseConfig(text);
    const draft = parts.applier.apply(writer, { config, force }, old);
    if (strictFault !== undefined) reportDuplicates(strictFault, fieldValidation, warn);
    warn = () => undefined;
    const { uid = '' } = draft.metadata;
    if (old === undefined && uid !== '') {
      const fault = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      throw conflict({ group: target.kind.group, resource: target.kind.plural }, target.name ?? '', fault);
    }
    ensureNamespace(target.kind, draft, target.namespace);
    checkName(draft, target.name ?? '', target.namespace);
    return draft;
  };
  const rules = { ...face.rules, createsOnUpdate: target.subresource === undefined };
  const change = { key: keyOfTarget(target), rules, face, make };
  const scope = { ...scopeOf(context, options), keepsManagers: true as const };
  parts.writer.update(scope, change, answerWritten(parts, context, face, settle));
}

/** What cannot be read is told as it came. */
function jsonOf(yaml: string): string {
  const { value, fault } = parseYaml(yaml);
  return JSON.stringify(fault === undefined ? plainJson(value) : yaml);
}

/** @throws StatusError 400 in the words of upstream's YAML reader */
function parseConfig(text: string): { readonly config: JsonObject; readonly strictFault: string | undefined } {
  const { value, fault, strictFault } = parseYaml(text);
  if (fault !== undefined) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${fault}`);
  const config = plainJson(value);
  if (config === null) return { config: {}, strictFault };
  if (isJsonObject(config)) return { config, strictFault };
  const type = Array.isArray(config)
    ? 'array'
    : goTypeName(config).replace('int64', 'number').replace('float64', 'number');
  const message = `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${message}`);
}

/** Keys that are there twice: the last counts. @throws StatusError 400 where that is not to be suffered */
function reportDuplicates(fault: string, validation: FieldValidation, warn: (text: string) => void): void {
  if (validation === 'Ignore') return;
  if (validation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${fault}`);
  const [, ...lines] = fault.split('\n');
  for (const line of lines) warn(line.trim());
}
