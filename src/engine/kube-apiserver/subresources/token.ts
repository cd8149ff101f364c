import { after, seconds, timestamp } from '../../kernel/clock.js';
import { node as nodeKind } from '../../kinds/node.js';
import { pod as podKind } from '../../kinds/pod.js';
import { secret as secretKind } from '../../kinds/secret.js';
import { serviceAccount } from '../../kinds/service-account.js';
import type { BoundObjectReference, TokenRequest } from '../../machinery/api/authentication-v1.js';
import { invalid as invalidField, type FieldError } from '../../machinery/field-error.js';
import { goQuote } from '../../machinery/go-text.js';
import { defineKind, type Kind } from '../../machinery/kind.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { splitKey, type Draft, type KubeObject } from '../../machinery/object.js';
import { badRequest, conflict, genericNotFound, invalid, notFound } from '../../machinery/status-error.js';
import type { BoundTo } from '../authentication/account-tokens.js';
import type { ServerParts } from '../server-parts.js';
import { defineAction } from './action.js';

const GROUP = 'authentication.k8s.io';
const ISSUED_CREDENTIAL_ANNOTATION = 'authentication.kubernetes.io/issued-credential-id';
const OF_REQUESTS = { group: GROUP, kind: 'TokenRequest' };
const DEFAULT_SECONDS = 3_600;
const SECONDS_MIN = 600;
const SECONDS_MAX = 2 ** 32;
/** A pod's projected token asks for this many seconds, gets a year, and should be renewed as if it had not. */
const PROJECTED_SECONDS = 3_607;
const EXTENDED_SECONDS = 365 * 24 * 3_600;

const tokenRequest = defineKind<TokenRequest>({
  group: GROUP,
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  scope: 'Namespaced',
  type: 'k8s.io/api/authentication/v1.TokenRequest',
  verbs: ['create'],
  columns: [],
  isVirtual: true,
  defaults({ spec }) {
    if (spec !== undefined) spec.expirationSeconds ??= DEFAULT_SECONDS;
  },
});

/** Issues a token of a service account. Mirrors upstream's TokenREST. */
export const token = defineAction({
  resource: 'serviceaccounts/token',

  posts: tokenRequest,
  keepsIdentity: true,
  isAsked: true,

  run(parts, { scope, key, body, attributes }, settle) {
    const { accountTokens, audiences } = parts.authentication;
    if (accountTokens === undefined) throw genericNotFound();
    const request = body as Draft<TokenRequest>;
    const { namespace, name } = splitKey(key);
    const metadata = (request.metadata ??= { name: '' });
    checkName(metadata.name ?? '', name);
    const account = parts.reader.get(serviceAccount, key);
    if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name);
    const { uid = '' } = account.metadata;
    checkUid(metadata.uid ?? '', uid, name);
    const spec = (request.spec ??= { audiences: [] });
    if ((spec.audiences ?? []).length === 0) spec.audiences = [...audiences];
    spec.expirationSeconds ??= DEFAULT_SECONDS;
    spec.boundObjectRef ??= null;
    const expirationSeconds = spec.expirationSeconds;
    checkExpiration(expirationSeconds);
    const { now } = parts.simulation;
    request.metadata = { ...metadata, name, ...(namespace === undefined ? {} : { namespace }), uid };
    request.metadata.creationTimestamp = timestamp(now);
    const issue = (): void => {
      const boundTo = boundObject(parts, spec.boundObjectRef ?? undefined, { namespace: namespace ?? '', name });
      const isExtended = isProjected(boundTo, request, audiences);
      const { token: issued, credentialID } = accountTokens.issue({
        account: account.metadata,
        audiences: spec.audiences,
        lifetimeSeconds: isExtended ? EXTENDED_SECONDS : expirationSeconds,
        warnAfterSeconds: isExtended ? expirationSeconds : undefined,
        boundTo,
      });
      scope.audit?.annotate(ISSUED_CREDENTIAL_ANNOTATION, credentialID);
      const { apiVersion: _version, kind: _kind, ...rest } = request;
      const status = { token: issued, expirationTimestamp: timestamp(after(now, seconds(expirationSeconds))) };
      const answer = { kind: 'TokenRequest', apiVersion: `${GROUP}/v1`, ...rest, status };
      settle({ value: { body: answer, status: 201, revision: parts.storage.revision } });
    };
    parts.admission.validate(attributes, scope, settle, issue);
  },
});

function checkName(given: string, name: string): void {
  if (given === '' || given === name) return;
  const detail = 'must match the service account name if specified';
  throw invalid(OF_REQUESTS, name, [invalidField('metadata.name', given, detail)]);
}

function checkUid(given: string, uid: string, name: string): void {
  if (given === '' || given === uid) return;
  throw conflict(
    { group: GROUP, resource: 'TokenRequest' },
    name,
    `the UID in the token request (${given}) does not match the UID of the service account (${uid})`,
  );
}

function checkExpiration(given: number): void {
  const fault = (detail: string): FieldError[] => [invalidField('spec.expirationSeconds', given, detail)];
  if (given < SECONDS_MIN) throw invalid(OF_REQUESTS, '', fault('may not specify a duration less than 10 minutes'));
  if (given > SECONDS_MAX) throw invalid(OF_REQUESTS, '', fault('may not specify a duration larger than 2^32 seconds'));
}

interface AccountName {
  readonly namespace: string;
  readonly name: string;
}

/** @throws StatusError 400, 404, 409 */
function boundObject(
  parts: ServerParts,
  reference: Draft<BoundObjectReference> | undefined,
  account: AccountName,
): BoundTo {
  if (reference === undefined) return {};
  const { apiVersion = '', kind = '' } = reference;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  switch (group === '' ? kind : '') {
    case 'Pod': {
      const pod = found(parts, podKind, reference, account.namespace);
      const { serviceAccountName, nodeName = '' } = pod.spec;
      if (serviceAccountName !== account.name) {
        throw badRequest(
          `cannot bind token for serviceaccount ${goQuote(account.name)} to pod running with different serviceaccount name.`,
        );
      }
      checkReference(reference, pod);
      if (nodeName === '') return { pod: pod.metadata };
      return { pod: pod.metadata, node: parts.reader.get(nodeKind, nodeName)?.metadata ?? { name: nodeName } };
    }
    case 'Node': {
      const node = found(parts, nodeKind, reference, undefined);
      checkReference(reference, node);
      return { node: node.metadata };
    }
    case 'Secret': {
      const secret = found(parts, secretKind, reference, account.namespace);
      checkReference(reference, secret);
      return { secret: secret.metadata };
    }
    default: {
      const version = slash < 0 ? apiVersion : apiVersion.slice(slash + 1);
      throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
    }
  }
}

function found<T extends KubeObject>(
  { reader }: ServerParts,
  kind: Kind<T>,
  { name = '' }: Draft<BoundObjectReference>,
  namespace: string | undefined,
): T {
  if (name === '') throw badRequest('Name parameter required.');
  const faults = pathSegmentFaults(name);
  if (faults.length > 0) throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(';')}`);
  const object = reader.get(kind, namespace === undefined ? name : `${namespace}/${name}`);
  if (object === undefined) throw notFound({ group: kind.group, resource: kind.plural }, name);
  return object;
}

function checkReference({ uid = '', kind = '' }: Draft<BoundObjectReference>, { metadata }: KubeObject): void {
  if (uid === '' || uid === metadata.uid) return;
  throw conflict(
    { group: '', resource: kind },
    metadata.name,
    `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

const isProjected = ({ pod }: BoundTo, { spec }: Draft<TokenRequest>, own: readonly string[]): boolean =>
  pod !== undefined &&
  spec.expirationSeconds === PROJECTED_SECONDS &&
  spec.audiences.every((each) => own.includes(each));
