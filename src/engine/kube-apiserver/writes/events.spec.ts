import { createApiHarness, HARNESS_START, type Json } from '../../../../test/support/engine-harness.js';
import { instant } from '../../kernel/clock.js';

const CORE = '/api/v1/namespaces/default/events';
const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const AT = '2026-01-01T00:00:00Z';
const REGARDING = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: 'u' };

/** As client-go's old recorder writes it. */
const coreEvent = (name: string): Json => ({
  metadata: { name },
  involvedObject: REGARDING,
  reason: 'BackOff',
  message: 'Back-off restarting',
  source: { component: 'kubelet', host: 'n' },
  firstTimestamp: AT,
  lastTimestamp: AT,
  count: 1,
  type: 'Warning',
});

/** As its new one does. */
const newEvent = (name: string): Json => ({
  metadata: { name },
  eventTime: '2026-01-01T00:00:00.000001Z',
  regarding: REGARDING,
  reason: 'Scheduled',
  action: 'Binding',
  note: 'assigned',
  type: 'Normal',
  reportingController: 'default-scheduler',
  reportingInstance: 'one',
});

const namesOf = (list: Json): readonly string[] => list.items.map(({ metadata }: Json) => metadata.name);

describe('an Event', () => {
  it('written to the core group reads in both', () => {
    const { request } = createApiHarness();
    expect(request('POST', CORE, coreEvent('e')).status).toBe(201);
    const view = request('GET', `${EVENTS}/e`).json;
    expect(view).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      regarding: REGARDING,
      note: 'Back-off restarting',
      deprecatedSource: { component: 'kubelet', host: 'n' },
      deprecatedFirstTimestamp: AT,
      deprecatedLastTimestamp: AT,
      deprecatedCount: 1,
      eventTime: null,
    });
    const core = request('GET', `${CORE}/e`).json;
    expect([core.metadata.uid, core.metadata.resourceVersion]).toEqual([
      view.metadata.uid,
      view.metadata.resourceVersion,
    ]);
    expect([namesOf(request('GET', CORE).json), namesOf(request('GET', EVENTS).json)]).toEqual([['e'], ['e']]);
  });

  it('written to events.k8s.io reads in both', () => {
    const { request } = createApiHarness();
    expect(request('POST', EVENTS, newEvent('e')).status).toBe(201);
    expect(request('GET', `${CORE}/e`).json).toMatchObject({
      apiVersion: 'v1',
      involvedObject: REGARDING,
      message: 'assigned',
      eventTime: '2026-01-01T00:00:00.000001Z',
      action: 'Binding',
      source: {},
      firstTimestamp: null,
      reportingComponent: 'default-scheduler',
      reportingInstance: 'one',
    });
    expect(request('DELETE', `${CORE}/e`).status).toBe(200);
    expect(request('GET', `${EVENTS}/e`).status).toBe(404);
  });

  it('counts as the old recorder counts', () => {
    const { request } = createApiHarness();
    request('POST', CORE, coreEvent('e'));
    const patch = { count: 2, lastTimestamp: '2026-01-01T00:00:10Z', message: 'Back-off restarting' };
    expect(request('PATCH', `${CORE}/e`, patch, STRATEGIC).json).toMatchObject({ count: 2, firstTimestamp: AT });
    expect(request('GET', `${EVENTS}/e`).json).toMatchObject({
      deprecatedCount: 2,
      deprecatedLastTimestamp: '2026-01-01T00:00:10Z',
    });
  });

  it('becomes a series as the new recorder makes one', () => {
    const { request } = createApiHarness();
    request('POST', EVENTS, newEvent('e'));
    const series = { count: 2, lastObservedTime: '2026-01-01T00:00:10.000000Z' };
    expect(request('PATCH', `${EVENTS}/e`, { series }, STRATEGIC).json).toMatchObject({ series });
    expect(request('GET', `${CORE}/e`).json).toMatchObject({ series });
    const more = { series: { count: 3, lastObservedTime: '2026-01-01T00:00:20.000000Z' } };
    expect(request('PATCH', `${EVENTS}/e`, more, STRATEGIC).json.series.count).toBe(3);
  });

  it('is refused where the new form is not kept', () => {
    const { request } = createApiHarness();
    request('POST', EVENTS, newEvent('e'));
    const refused = request('PATCH', `${EVENTS}/e`, { note: 'another' }, STRATEGIC);
    expect([refused.status, refused.json.message]).toEqual([
      422,
      'Event "e" is invalid: message: Invalid value: "another": field is immutable',
    ]);
    const { reportingController: _left, ...rest } = newEvent('f');
    expect(request('POST', EVENTS, rest)).toMatchObject({ status: 422 });
  });

  it.each([
    [CORE, 'involvedObject.name=web', ['a', 'b']],
    [CORE, 'source=kubelet', ['a']],
    [CORE, 'reportingComponent=default-scheduler', ['b']],
    [EVENTS, 'regarding.kind=Pod,reason=Scheduled', ['b']],
    [EVENTS, 'reportingController=default-scheduler,type=Normal', ['b']],
    [EVENTS, 'type!=Normal', ['a']],
  ])('is found in %s by %s', (path, selector, names) => {
    const { request } = createApiHarness();
    request('POST', CORE, coreEvent('a'));
    request('POST', EVENTS, newEvent('b'));
    expect(namesOf(request('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`).json)).toEqual(names);
  });

  it("goes after an hour of the cluster's time, counted from its last write", () => {
    const { request, loop } = createApiHarness();
    const statusesAt = (minutes: number): readonly number[] => {
      loop.run(instant(HARNESS_START + minutes * 60_000), () => true);
      return [`${CORE}/a`, `${EVENTS}/b`].map((path) => request('GET', path).status);
    };
    request('POST', CORE, coreEvent('a'));
    request('POST', EVENTS, newEvent('b'));
    expect(statusesAt(30)).toEqual([200, 200]);
    request('PATCH', `${CORE}/a`, { count: 2 }, STRATEGIC);
    expect(statusesAt(60)).toEqual([200, 200]);
    // Events of a minute share a lease, which lives for that minute longer.
    expect(statusesAt(61)).toEqual([200, 404]);
    expect(statusesAt(90)).toEqual([200, 404]);
    expect(statusesAt(91)).toEqual([404, 404]);
  });
});
