import fc from 'fast-check';
import { instant } from '../../kernel/clock.js';
import { EventLoop } from '../../kernel/event-loop.js';
import { Random } from '../../kernel/random.js';
import { Store } from '../../etcd/store.js';
import { configMap } from '../../kinds/config-map.js';
import { parseLabelSelector } from '../../machinery/label-selector.js';
import { type KubeObject, keyOf } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { Query } from '../query.js';
import { ObjectMessages } from '../encoding/object-messages.js';
import { KindRegistry, KindTable } from '../kind-registry.js';
import { ResourceStorage } from '../storage/resource-storage.js';
import type { StoredObject } from '../storage/stored-object.js';
import type { ObjectEvent } from '../watch/object-watch.js';
import { Watches } from '../watch/watches.js';
import { Heartbeats } from './heartbeats.js';
import { listOptionsOf } from './list-options.js';
import { Selection } from './selection.js';
import { readPage } from './snapshot.js';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

interface Step {
  readonly name: string;
  readonly namespace: string;
  /** Without it the object is removed. */
  readonly color: string | undefined;
}

const steps = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'a-1', 'a.b', 'a0', 'b', 'c'),
    namespace: fc.constantFrom('x', 'x-1', 'y'),
    color: fc.constantFrom('red', 'blue', undefined),
  }),
  { maxLength: 30 },
);
const selectors = fc.constantFrom('', 'color=red', 'color!=red', 'color in (red,blue)', 'none');
const namespaces = fc.constantFrom(undefined, 'x', 'y');

function storageWith(history: readonly Step[]) {
  const storage = new ResourceStorage(new Store<StoredObject>(), text);
  const take = ({ name, namespace, color }: Step): void => {
    const found = storage.get(configMap, `${namespace}/${name}`);
    if (color === undefined) {
      if (found !== undefined) storage.remove(configMap, { key: found.key, expectedRevision: found.modRevision });
      return;
    }
    const metadata = { name, namespace, labels: { color } };
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata };
    storage.write(configMap, { object, expectedRevision: found?.modRevision ?? 0 });
  };
  history.forEach(take);
  return { storage, take };
}

function list(storage: ResourceStorage, namespace: string | undefined, query: string) {
  const options = listOptionsOf(new Query(query), false);
  const selection = new Selection(configMap, options.labels, options.fields);
  const { entries, metadata } = readPage(storage, text, { kind: configMap, namespace, selection, options });
  return { versions: entries.map(({ key, modRevision }) => `${key}@${modRevision}`), metadata };
}

describe('a chunked list', () => {
  it('gives exactly the list of its first page, whatever is written meanwhile', () => {
    fc.assert(
      fc.property(
        steps,
        steps,
        selectors,
        namespaces,
        fc.integer({ min: 1, max: 4 }),
        (past, later, selector, namespace, limit) => {
          const { storage, take } = storageWith(past);
          const query = `labelSelector=${encodeURIComponent(selector)}`;
          const whole = list(storage, namespace, query);
          const pages: string[] = [];
          const waiting = [...later];
          for (let token = ''; ;) {
            const page = list(storage, namespace, `${query}&limit=${limit}&continue=${token}`);
            pages.push(...page.versions);
            expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion);
            if (selector === '') {
              const left = whole.versions.length - pages.length;
              expect(page.metadata.remainingItemCount).toBe(left === 0 ? undefined : left);
            }
            if (page.metadata.continue === undefined) break;
            token = page.metadata.continue;
            waiting.splice(0, 2).forEach(take);
          }
          expect(pages).toEqual(whole.versions);
        },
      ),
    );
  });
});

describe('a watch', () => {
  it('leads from a list to the list of any later time', () => {
    fc.assert(
      fc.property(steps, steps, steps, selectors, namespaces, (past, missed, live, selector, namespace) => {
        const { storage, take } = storageWith(past);
        const simulation = new EventLoop(instant(0), Random.seeded(1));
        const heartbeats = new Heartbeats(undefined, text);
        const registry = new KindRegistry(new KindTable([configMap]));
        const watches = new Watches({ storage, simulation, heartbeats, text, registry }, new ObjectMessages(text));
        const query = `labelSelector=${encodeURIComponent(selector)}`;
        const seen = new Map(
          list(storage, namespace, query).versions.map((each) => each.split('@') as [string, string]),
        );
        const resourceVersion = String(storage.revision);
        missed.forEach(take);
        const apply = ({ type, object }: ObjectEvent): void => {
          const shown = JSON.parse(text.decode(object)) as KubeObject;
          expect([type, seen.has(keyOf(shown))]).toEqual([type, type !== 'ADDED']);
          if (type === 'DELETED') seen.delete(keyOf(shown));
          else seen.set(keyOf(shown), shown.metadata.resourceVersion ?? '');
          const matches = new Selection(configMap, parseLabelSelector(selector), []);
          expect(matches.shows(shown)).toBe(true);
        };
        const sink = { event: apply, error: () => undefined };
        const named = namespace === undefined ? {} : { namespace };
        watches.observe({ kind: configMap, ...named, labelSelector: selector, resourceVersion }, sink);
        live.forEach(take);
        expect([...seen].map((each) => each.join('@')).sort()).toEqual(list(storage, namespace, query).versions.sort());
      }),
    );
  });
});
