import { createApiHarness, type HarnessAnswer, type Json } from '../support/engine-harness.js';
import {
  DEFINITION,
  DEFINITIONS,
  definition,
  MERGE,
  messageOf,
  version,
  warningsOf,
  WIDGETS,
  widget,
  withWidgets,
} from '../support/widgets.js';

describe('a definition', () => {
  const conditionsOf = ({ json }: HarnessAnswer): Json =>
    Object.fromEntries(json.status.conditions.map(({ type, status, reason }: Json) => [type, [status, reason]]));

  it('is established once its names are accepted', () => {
    const { request } = withWidgets({});
    expect(conditionsOf(request('GET', DEFINITION))).toEqual({
      NamesAccepted: ['True', 'NoConflicts'],
      Established: ['True', 'InitialNamesAccepted'],
    });
  });

  it('is told when another has its names, and served once they are free', () => {
    const { request, settle } = withWidgets({});
    const rival = definition(
      [version({})],
      { names: { plural: 'gadgets', kind: 'Widget', listKind: 'GadgetList' } },
      { name: 'gadgets.example.com' },
    );
    request('POST', DEFINITIONS, rival);
    settle();
    const path = `${DEFINITIONS}/gadgets.example.com`;
    expect(conditionsOf(request('GET', path))).toMatchObject({ NamesAccepted: ['False', 'KindConflict'] });
    expect(request('GET', '/apis/example.com/v1/namespaces/default/gadgets').status).toBe(404);
    request('DELETE', DEFINITION);
    settle();
    settle();
    expect(conditionsOf(request('GET', path))).toMatchObject({ Established: ['True', 'InitialNamesAccepted'] });
    expect(request('GET', '/apis/example.com/v1/namespaces/default/gadgets').status).toBe(200);
  });

  it('of a protected group must be approved', () => {
    const { request, loop } = createApiHarness();
    const name = 'widgets.foo.k8s.io';
    const own = definition([version({})], { group: 'foo.k8s.io' }, { name });
    expect(messageOf(request('POST', DEFINITIONS, own))).toContain(
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation',
    );
    const annotations = { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements/pull/1' };
    request('POST', DEFINITIONS, { ...own, metadata: { name, annotations } });
    loop.run(loop.now, () => true);
    expect(conditionsOf(request('GET', `${DEFINITIONS}/${name}`))).toMatchObject({
      KubernetesAPIApprovalPolicyConformant: ['True', 'ApprovedAnnotation'],
    });
  });

  it('goes after its instances, and creates none meanwhile', () => {
    const { request, create, settle } = withWidgets({});
    create('w', {});
    request('PATCH', `${WIDGETS}/w`, { metadata: { finalizers: ['example.com/hold'] } }, MERGE);
    request('DELETE', DEFINITION);
    settle();
    expect(conditionsOf(request('GET', DEFINITION))).toMatchObject({
      Terminating: ['True', 'InstanceDeletionInProgress'],
    });
    const refused = create('v', {});
    expect([refused.status, messageOf(refused)]).toEqual([
      403,
      expect.stringContaining('create not allowed while custom resource definition is terminating'),
    ]);
    request('PATCH', `${WIDGETS}/w`, { metadata: { finalizers: null } }, MERGE);
    settle();
    expect(request('GET', DEFINITION).status).toBe(404);
  });

  it('serves each version that it says, warns of old ones, and remembers what it was stored in', () => {
    const versions = [
      version({}, { name: 'v2' }),
      version({}, { storage: false, deprecated: true, deprecationWarning: 'v1 is old' }),
      version({}, { name: 'v0', storage: false, served: false }),
    ];
    const { request, loop } = createApiHarness();
    request('POST', DEFINITIONS, definition(versions));
    loop.run(loop.now, () => true);
    const old = request('POST', WIDGETS, widget('w', {}));
    expect([old.status, warningsOf(old)]).toEqual([201, ['299 - "v1 is old"']]);
    expect(request('GET', `${WIDGETS.replace('/v1/', '/v2/')}/w`).json.apiVersion).toBe('example.com/v2');
    expect(request('GET', `${WIDGETS.replace('/v1/', '/v0/')}/w`).status).toBe(404);
    expect(request('GET', DEFINITION).json.status.storedVersions).toEqual(['v2']);
    const swapped = [{ ...versions[0], storage: false }, { ...versions[1], storage: true }, versions[2]];
    request('PATCH', DEFINITION, { spec: { versions: swapped } }, MERGE);
    loop.run(loop.now, () => true);
    expect(request('GET', DEFINITION).json.status.storedVersions).toEqual(['v2', 'v1']);
    const removed = request('PATCH', DEFINITION, { spec: { versions: [swapped[1]] } }, MERGE);
    expect(messageOf(removed)).toContain(
      'status.storedVersions[0]: Invalid value: "v2": missing from spec.versions; v2 was previously a storage version',
    );
  });

  it('has a status and a scale beside its objects', () => {
    const subresources = {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    };
    const schema = {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
          status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
        },
      },
    };
    const { request } = withWidgets({}, { subresources, schema });
    const status = { replicas: 2, selector: 'app=w' };
    expect(request('POST', WIDGETS, widget('w', { replicas: 3 }, { status })).json.status).toBeUndefined();
    const patched = request('PATCH', `${WIDGETS}/w/status`, { spec: { replicas: 9 }, status }, MERGE);
    expect([patched.json.spec, patched.json.status, patched.json.metadata.generation]).toEqual([
      { replicas: 3 },
      status,
      1,
    ]);
    const scale = request('GET', `${WIDGETS}/w/scale`).json;
    expect([scale.kind, scale.spec, scale.status]).toEqual([
      'Scale',
      { replicas: 3 },
      { replicas: 2, selector: 'app=w' },
    ]);
    request('PATCH', `${WIDGETS}/w/scale`, { spec: { replicas: 5 } }, MERGE);
    expect(request('GET', `${WIDGETS}/w`).json).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
  });

  it('says what is printed, what is selected, and how its kind is called', () => {
    const more = {
      additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
      selectableFields: [{ jsonPath: '.spec.color' }],
    };
    const names = {
      plural: 'widgets',
      kind: 'Widget',
      singular: 'widget',
      shortNames: ['wd'],
      categories: ['all', 'toys'],
    };
    const { create, request } = withWidgets({ color: { type: 'string' } }, more, { names });
    create('red', { color: 'red' });
    create('blue', { color: 'blue' });
    const selected = request('GET', `${WIDGETS}?fieldSelector=spec.color%3Dred`).json;
    expect(selected.items.map(({ metadata }: Json) => metadata.name)).toEqual(['red']);
    expect(messageOf(request('GET', `${WIDGETS}?fieldSelector=spec.size%3D1`))).toContain(
      'field label not supported: spec.size',
    );
    const table = request('GET', WIDGETS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }).json;
    expect(table.columnDefinitions.map(({ name }: Json) => name)).toEqual(['Name', 'Color']);
    expect(table.rows.map(({ cells }: Json) => cells)).toEqual([
      ['blue', 'blue'],
      ['red', 'red'],
    ]);
    const [resource] = request('GET', '/apis/example.com/v1').json.resources;
    expect(resource).toMatchObject({ singularName: 'widget', shortNames: ['wd'], categories: ['all', 'toys'] });
  });
});
