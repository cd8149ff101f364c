import type {
  ParamKind,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
} from '../../../machinery/api/admissionregistration-v1.js';
import type { Kind } from '../../../machinery/kind.js';
import { fromLabelSelector, matches } from '../../../machinery/label-selector.js';
import type { KubeObject } from '../../../machinery/object.js';
import type { ResourceReader } from '../../../machinery/resource-reader.port.js';
import type { KindRegistry } from '../../kind-registry.js';

/** What a binding makes a policy be evaluated with: once for each; `null` stands for none. */
export type Params =
  | { readonly objects: readonly (KubeObject | null)[]; readonly fault?: never }
  | { readonly fault: string; readonly objects?: never };

const NO_PARAM: Params = Object.freeze({ objects: [null] });

/** The kind of a policy's parameters; `undefined` where the cluster does not serve it. */
export function kindOfParams({ apiVersion = '', kind = '' }: ParamKind, registry: KindRegistry): Kind | undefined {
  const slash = apiVersion.indexOf('/');
  return registry.byKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind);
}

export function paramsOf(
  kind: Kind | undefined,
  { spec }: ValidatingAdmissionPolicyBinding,
  namespace: string | undefined,
  reader: ResourceReader,
): Params {
  const reference = spec?.paramRef;
  if (kind === undefined || reference === undefined) return NO_PARAM;
  const { namespace: chosen = '', parameterNotFoundAction } = reference;
  if (kind.scope === 'Cluster' && chosen !== '') {
    return { fault: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  }
  const within = kind.scope === 'Cluster' ? undefined : chosen !== '' ? chosen : (namespace ?? '');
  if (within === '') {
    return { fault: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  }
  const objects = found(kind, reference, within, reader);
  if (objects.length > 0 || parameterNotFoundAction !== 'Deny') return { objects };
  return { fault: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}

function found(
  kind: Kind,
  { name = '', selector }: ParamRef,
  namespace: string | undefined,
  reader: ResourceReader,
): readonly KubeObject[] {
  if (name !== '') {
    const object = reader.get(kind, namespace === undefined ? name : `${namespace}/${name}`);
    return object === undefined ? [] : [object];
  }
  const requirements = fromLabelSelector(selector);
  const isAll = Object.keys(selector ?? {}).length === 0;
  return reader.list(kind, namespace).filter(({ metadata }) => isAll || matches(requirements, metadata.labels));
}
