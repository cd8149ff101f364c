/** The paths that name no kind: discovery, the version, and what verifies service account tokens. */
import { idPart, capitalised, OBJECT_TYPES, type Operation, type Path, tagOf } from './operation.js';

const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
export const VERSION_INFO = 'k8s.io/apimachinery/pkg/version.Info';
const JSON_TYPE: readonly string[] = ['application/json'];

/** By the name of their document in version 3. */
export const FIXED_PATHS: Readonly<Record<string, Path>> = {
  '.well-known/openid-configuration': path('/.well-known/openid-configuration/', {
    tag: 'WellKnown',
    id: 'getServiceAccountIssuerOpenIDConfiguration',
    consumes: undefined,
    produces: JSON_TYPE,
  }),
  api: path('/api/', { tag: 'core', id: 'getCoreAPIVersions', answer: `${META}.APIVersions` }),
  apis: path('/apis/', { tag: 'apis', id: 'getAPIVersions', answer: `${META}.APIGroupList` }),
  'openid/v1/jwks': path('/openid/v1/jwks/', {
    tag: 'openid',
    id: 'getServiceAccountIssuerOpenIDKeyset',
    consumes: undefined,
    produces: ['application/jwk-set+json'],
  }),
  version: path('/version/', {
    tag: 'version',
    id: 'getCodeVersion',
    answer: VERSION_INFO,
    consumes: JSON_TYPE,
    produces: JSON_TYPE,
  }),
};

/** `/apis/apps/`; the core group has none. */
export const groupPath = (group: string): Path =>
  path(`/apis/${group}/`, {
    tag: tagOf(group),
    id: `get${capitalised([tagOf(group)])}APIGroup`,
    answer: `${META}.APIGroup`,
  });

/** `/apis/apps/v1/` */
export const versionPath = (group: string, version: string): Path =>
  path(group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`, {
    tag: tagOf(group, version),
    id: `get${idPart(group, version)}APIResources`,
    answer: `${META}.APIResourceList`,
  });

function path(at: string, operation: Pick<Operation, 'tag' | 'id'> & Partial<Operation>): Path {
  const common = { method: 'get', action: undefined, about: undefined, body: undefined, answer: undefined } as const;
  const types = { consumes: OBJECT_TYPES, produces: OBJECT_TYPES };
  return { path: at, operations: [{ ...common, parameters: [], statuses: [200], ...types, ...operation }] };
}
