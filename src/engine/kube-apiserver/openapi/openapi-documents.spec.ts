import { existsSync, readFileSync } from 'node:fs';
import { kinds } from '../../kinds/registry.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { KindTable } from '../kind-registry.js';
import { type OpenApiDocument, OpenApiDocuments } from './openapi-documents.js';

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts/openapi-v2-paths.jsonl';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};
const documents = new OpenApiDocuments(new KindTable(kinds).groups, text);
const treeOf = (document: OpenApiDocument | undefined): unknown => JSON.parse(text.decode(document!.json.plain));

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly 'x-kubernetes-group-version-kind': unknown;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

describe('OpenAPI 3', () => {
  const document = (path: string) => treeOf(documents.version3(path)) as Document;

  it('names the document of each group version, with a hash of its content', () => {
    const { paths } = treeOf(documents.index()) as { paths: Record<string, { serverRelativeURL: string }> };
    const hash = documents.version3('apis/apps/v1')!.hash;
    expect(paths['apis/apps/v1']).toEqual({ serverRelativeURL: `/openapi/v3/apis/apps/v1?hash=${hash}` });
    expect(Object.keys(paths)).toContain('api/v1');
    expect(documents.version3('apis/apps/v9')).toBeUndefined();
  });

  it('says what clients look for before they send a patch', () => {
    const { patch } = document('apis/apps/v1').paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']!;
    expect(patch).toMatchObject({ operationId: 'patchAppsV1NamespacedDeployment' });
    expect(patch!['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', kind: 'Deployment', version: 'v1' });
    expect(patch!.parameters?.map(({ name }) => name)).toContain('fieldValidation');
    expect(Object.keys(patch!.requestBody!.content)).toContain('application/strategic-merge-patch+json');
  });

  it('carries the merge keys of lists, and marks kinds', () => {
    const { schemas } = document('api/v1').components;
    expect(schemas['io.k8s.api.core.v1.PodSpec']).toMatchObject({
      properties: { containers: { 'x-kubernetes-patch-merge-key': 'name', 'x-kubernetes-patch-strategy': 'merge' } },
    });
    expect(schemas['io.k8s.api.core.v1.Pod']!['x-kubernetes-group-version-kind']).toEqual([
      { group: '', kind: 'Pod', version: 'v1' },
    ]);
  });

  it('refers to nothing that it lacks', () => {
    for (const path of ['api/v1', 'apis/apps/v1', 'apis/apiextensions.k8s.io/v1', 'apis/autoscaling/v2']) {
      const json = text.decode(documents.version3(path)!.json.plain);
      const { schemas } = document(path).components;
      for (const [, name = ''] of json.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        expect([path, name, name in schemas]).toEqual([path, name, true]);
      }
    }
  });
});

describe('OpenAPI 2', () => {
  (existsSync(FACTS) ? it : it.skip)(`has the operations of a real server (needs ${FACTS})`, () => {
    const ours = treeOf(documents.version2()) as Document;
    const recorded = readFileSync(FACTS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path?: string; item?: Record<string, Operation> });
    const idsOf = (item: Readonly<Record<string, Operation>> | undefined) =>
      Object.entries(item ?? {})
        .filter(([method]) => method !== 'parameters')
        .map(([method, { operationId }]) => `${method} ${operationId}`)
        .sort();
    for (const { path = '', item } of recorded) {
      const isPlain =
        /^\/apis?\/.*(?:\}|[a-z])$/.test(path) && !/\/watch\/|proxy|attach|exec|portforward|\/v\d\/?$/.test(path);
      if (!isPlain || ours.paths[path] === undefined) continue;
      expect([path, idsOf(ours.paths[path])]).toEqual([path, idsOf(item)]);
    }
  });
});
