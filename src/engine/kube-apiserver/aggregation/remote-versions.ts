/** What a server behind an APIService says that it serves, as aggregated discovery tells it. Mirrors the discovery manager. */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { ALL_POWERFUL_GROUP } from '../../machinery/user.js';
import { remoteDocument } from './remote-document.js';
import type { RemoteFetch } from './remote-fetch.js';

const FORM = 'as=APIGroupDiscoveryList';
const ACCEPT = ['v2', 'v2beta1'].map((each) => `application/json;g=apidiscovery.k8s.io;v=${each};${FORM}`).join(',');
const AGGREGATED = /^application\/json;.*\bg=apidiscovery\.k8s\.io;v=v2(?:beta1)?;as=APIGroupDiscoveryList/;
const TIMEOUT_SECONDS = 5;

/** An `APIVersionDiscovery` without its freshness. */
export interface RemoteVersion {
  readonly content: JsonObject;
  /** Of the document that it is from. */
  readonly etag?: string | undefined;
}

/** `done` is given `undefined` where the server does not say. */
export function fetchVersion(
  fetch: RemoteFetch,
  service: APIService,
  { text, known }: { readonly text: TextCodec; readonly known: RemoteVersion | undefined },
  done: (version: RemoteVersion | undefined) => void,
): void {
  const { group = '', version = '' } = service.spec ?? {};
  const user = { username: 'system:kube-aggregator', groups: [ALL_POWERFUL_GROUP] };
  const wanted = { path: '/apis', user, accept: ACCEPT, etag: known?.etag, timeoutSeconds: TIMEOUT_SECONDS };
  fetch.get(service, wanted, (result) => {
    const { status } = result;
    if (status === undefined || status === 503) return done(undefined);
    const { headers = {} } = result;
    if (status === 304 && known !== undefined) return done(known);
    if (status === 200 && AGGREGATED.test(String(headers['content-type'] ?? ''))) {
      const document = remoteDocument(result.body, text);
      if (document === undefined) return done(undefined);
      return done({ content: versionIn(document, group, version), etag: textOf(headers['etag']) || undefined });
    }
    const path = `/apis/${group}/${version}`;
    const plain = { path, user: { ...user, groups: [] }, accept: 'application/json', timeoutSeconds: TIMEOUT_SECONDS };
    fetch.get(service, plain, (answer) => {
      const list = answer.status === 200 ? remoteDocument(answer.body, text) : undefined;
      done(list === undefined ? undefined : { content: { version, resources: resourcesOf(list, service) } });
    });
  });
}

/** A server that does not name the version at all has nothing in it. */
function versionIn({ items }: JsonObject, group: string, version: string): JsonObject {
  const named = objectsIn(items).find(({ metadata }) => isJsonObject(metadata) && metadata['name'] === group);
  const found = objectsIn(named?.['versions']).find((each) => each['version'] === version);
  const { freshness: _told, ...content } = found ?? { version };
  return content['resources'] === undefined ? content : { ...content, resources: objectsIn(content['resources']) };
}

/** `APIResourceList` as the aggregated form has it. */
function resourcesOf(list: JsonObject, { spec }: APIService): readonly JsonObject[] {
  const all = objectsIn(list['resources']);
  const below = (name: string): JsonObject[] =>
    all
      .filter((each) => textOf(each['name']).startsWith(`${name}/`))
      .map((each) => ({
        subresource: textOf(each['name']).slice(name.length + 1),
        responseKind: kindOf(each, spec),
        verbs: each['verbs'] ?? [],
      }));
  return all
    .filter((each) => !textOf(each['name']).includes('/'))
    .map((each) => {
      const { name, namespaced, singularName, verbs, shortNames, categories } = each;
      const subresources = below(textOf(name));
      return {
        resource: name ?? '',
        responseKind: kindOf(each, spec),
        scope: namespaced === true ? 'Namespaced' : 'Cluster',
        singularResource: singularName ?? '',
        verbs: verbs ?? [],
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

function kindOf({ group, version, kind }: JsonObject, spec: APIService['spec']): JsonObject {
  const own = (given: JsonValue | undefined, preset = ''): string => (textOf(given) === '' ? preset : textOf(given));
  return { group: own(group, spec?.group), version: own(version, spec?.version), kind: textOf(kind) };
}

const objectsIn = (value: JsonValue | undefined): readonly JsonObject[] =>
  isJsonArray(value) ? value.filter((each) => isJsonObject(each)) : [];

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
