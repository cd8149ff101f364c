import { createApiHarness, type HarnessAnswer, type Json } from './engine-harness.js';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const DEFINITION = `${DEFINITIONS}/widgets.example.com`;
export const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
export const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A version whose objects have such a `spec`. */
export const version = (properties: Json, more: Json = {}): Json => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } },
  ...more,
});

export const definition = (versions: readonly Json[], spec: Json = {}, metadata: Json = {}): Json => ({
  metadata: { name: 'widgets.example.com', ...metadata },
  spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' }, versions, ...spec },
});

export const widget = (name: string, spec: Json, more: Json = {}): Json => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
  ...more,
});

export const messageOf = ({ json }: HarnessAnswer): string => json.message;
export const warningsOf = ({ headers }: HarnessAnswer): readonly string[] => [headers['warning'] ?? []].flat();

/** A server that serves widgets of such a `spec`. */
export function withWidgets(properties: Json, more: Json = {}, spec: Json = {}) {
  const harness = createApiHarness();
  const { request, loop } = harness;
  const settle = (): void => void loop.run(loop.now, () => true);
  const answer = request('POST', DEFINITIONS, definition([version(properties, more)], spec));
  if (answer.status !== 201) throw new Error(messageOf(answer));
  settle();
  const create = (name: string, value: Json) => request('POST', WIDGETS, widget(name, value));
  const update = (name: string, value: Json) => request('PATCH', `${WIDGETS}/${name}`, { spec: value }, MERGE);
  return { ...harness, settle, create, update };
}
