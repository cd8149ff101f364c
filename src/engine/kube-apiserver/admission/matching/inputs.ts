/** What expressions are told of a request. */
import type { Namespace } from '../../../machinery/api/core-v1.js';
import { NAMESPACE_TYPE, REQUEST_TYPE } from '../../../machinery/cel/admission-environment.js';
import type { Activation } from '../../../machinery/cel/frame.js';
import {
  AUTHORIZER,
  CheckValue,
  RESOURCE_CHECK,
  type AuthorizationQuestion,
} from '../../../machinery/cel/library/authorizers.js';
import { fromJson } from '../../../machinery/cel/values/json-value.js';
import type { Value } from '../../../machinery/cel/values/value.js';
import { apiVersionOf, type GroupVersionKind, type KubeObject } from '../../../machinery/object.js';
import type { Kind } from '../../../machinery/kind.js';
import type { UserInfo } from '../../../machinery/user.js';
import type { Authorizer } from '../../authorizer.port.js';
import type { AdmissionAttributes } from '../admission.js';
import { ALL_POWERFUL_GROUP } from '../../../machinery/user.js';

const OPTIONS = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
  CONNECT: undefined,
} as const;

export interface Inputs {
  readonly attributes: AdmissionAttributes;
  /** The form of the resource that the rules asked for. */
  readonly form: Kind;
  readonly namespace: Namespace | undefined;
  readonly authorizer: Authorizer;
}

/** The variables of a request by name, each made when it is first asked for. `more` are those of a policy. */
export function activationOf(inputs: Inputs, more: Readonly<Record<string, () => Value>> = {}): Activation {
  const makers: Readonly<Record<string, () => Value>> = {
    object: () => fromJson(asForm(inputs.attributes.object, inputs)),
    oldObject: () => fromJson(asForm(inputs.attributes.old, inputs)),
    request: () => fromJson(requestOf(inputs), REQUEST_TYPE),
    namespaceObject: () => fromJson(namespaceOf(inputs.namespace), NAMESPACE_TYPE),
    authorizer: () => new CheckValue(AUTHORIZER, (question) => answered(question, inputs)),
    'authorizer.requestResource': () => requestResource(inputs),
    ...more,
  };
  const made = new Map<string, Value>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    if (!Object.hasOwn(makers, name)) return undefined;
    const value = makers[name]!();
    made.set(name, value);
    return value;
  };
}

/** An object in the version that the rules name. */
export function asForm(
  object: KubeObject | undefined,
  { attributes: { kind, body, forms }, form }: Pick<Inputs, 'attributes' | 'form'>,
): KubeObject | null {
  if (object === undefined) return null;
  if (form === kind || body !== undefined) return object;
  const converted = forms?.get(object, form);
  if (converted !== undefined) return converted;
  const stored = kind.storedAs === undefined ? object : kind.storedAs.toStored(object);
  const shown = form.storedAs === undefined ? stored : form.storedAs.fromStored(stored);
  return { ...shown, apiVersion: apiVersionOf(form), kind: form.kind };
}

const kindText = ({ group, version, kind }: GroupVersionKind): object => ({ group, version, kind });
const resourceText = ({ group, version, plural }: Kind): object => ({ group, version, resource: plural });
const given = (name: string, value: unknown): object => (value === undefined || value === '' ? {} : { [name]: value });

/** `AdmissionRequest` without its objects. */
export function requestOf({ attributes, form }: Pick<Inputs, 'attributes' | 'form'>): object {
  const { kind, body, subresource, name, namespace, operation, user, isDryRun, options } = attributes;
  const type = OPTIONS[operation];
  return {
    kind: kindText(body ?? form),
    resource: resourceText(form),
    ...given('subResource', subresource),
    requestKind: kindText(body ?? kind),
    requestResource: resourceText(kind),
    ...given('requestSubResource', subresource),
    ...given('name', name),
    ...given('namespace', namespaceName(attributes, namespace)),
    operation,
    userInfo: userOf(user),
    dryRun: isDryRun,
    options: type === undefined ? null : { kind: type, apiVersion: 'meta.k8s.io/v1', ...options },
  };
}

/** A namespace is in itself, as upstream has it. */
const namespaceName = ({ kind, name }: AdmissionAttributes, namespace: string | undefined): string | undefined =>
  kind.storagePrefix === 'namespaces' ? name : namespace;

const userOf = ({ username, uid, groups, extra }: UserInfo): object => ({
  username,
  ...given('uid', uid),
  groups,
  ...given('extra', extra),
});

function namespaceOf(namespace: Namespace | undefined): object | null {
  if (namespace === undefined) return null;
  const { managedFields: _managers, ownerReferences: _owners, uid, ...metadata } = namespace.metadata;
  return { metadata: { ...metadata, UID: uid }, spec: namespace.spec, status: namespace.status };
}

function requestResource(inputs: Inputs): CheckValue {
  const { kind, subresource = '', namespace = '', name } = inputs.attributes;
  const question = {
    user: undefined,
    path: '',
    group: kind.group,
    resource: kind.plural,
    subresource,
    namespace,
    name,
  };
  return new CheckValue(RESOURCE_CHECK, (asked) => answered(asked, inputs), question);
}

function answered(
  question: AuthorizationQuestion,
  { attributes, authorizer }: Inputs,
): { isAllowed: boolean; reason: string } {
  const user = question.user ?? attributes.user;
  if (user.groups.includes(ALL_POWERFUL_GROUP)) return { isAllowed: true, reason: '' };
  const isResource = question.path === '';
  return authorizer.authorize({ ...question, user, version: isResource ? '*' : '', isResource });
}
