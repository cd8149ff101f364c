import fc from 'fast-check';
import type { Endpoint, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import { planSlices, type SliceContent, type SlicePlan } from './slice-plan.js';

const ENDPOINTS_MAX = 100;
const ports = [{ name: '', protocol: 'TCP', port: 80 }];
const endpoint = (number: number): Endpoint => ({
  addresses: [`10.0.${number >> 8}.${number & 255}`],
  conditions: { ready: true, serving: true, terminating: false },
});
const sliceOf = (name: string, { endpoints, ports: served }: SliceContent): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name },
  addressType: 'IPv4',
  endpoints,
  ports: served,
});

let made = 0;
/** The slices after the plan. */
function carriedOut(existing: readonly EndpointSlice[], { create, update, remove }: SlicePlan): EndpointSlice[] {
  const written = new Map(update.map(([slice, content]) => [slice, content]));
  return [
    ...existing
      .filter((slice) => !remove.includes(slice))
      .map((slice) => {
        const content = written.get(slice);
        return content === undefined ? slice : sliceOf(slice.metadata.name, content);
      }),
    ...create.map((content) => sliceOf(`new-${++made}`, content)),
  ];
}

const plan = (existing: readonly EndpointSlice[], numbers: readonly number[]) =>
  planSlices({
    existing,
    desired: numbers.length === 0 ? [] : [{ ports, endpoints: numbers.map(endpoint) }],
    needsUpdate: () => false,
  });

const published = (slices: readonly EndpointSlice[]) =>
  slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ addresses }) => addresses[0])).toSorted();

describe('a plan of slices', () => {
  it('publishes every endpoint once, at most a hundred a slice, through all changes', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { maxLength: 400 });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), (steps) => {
        let slices: EndpointSlice[] = [];
        for (const step of steps) {
          slices = carriedOut(slices, plan(slices, step));
          expect(published(slices)).toEqual(step.map((number) => endpoint(number).addresses[0]).toSorted());
          expect(Math.max(...slices.map(({ endpoints }) => endpoints?.length ?? 0))).toBeLessThanOrEqual(ENDPOINTS_MAX);
          expect(slices.length).toBeGreaterThanOrEqual(1);
          expect(plan(slices, step)).toEqual({ create: [], update: [], remove: [] });
        }
      }),
      { numRuns: 50 },
    );
  });

  it('touches one slice of many for one endpoint more or less', () => {
    const numbers = Array.from({ length: 450 }, (_, index) => index);
    const slices = carriedOut([], plan([], numbers));
    expect(plan(slices, numbers.slice(1))).toMatchObject({ create: [], update: [expect.anything()], remove: [] });
    expect(plan(slices, [...numbers, 500])).toMatchObject({ create: [], update: [expect.anything()], remove: [] });
  });
});
