import { Store } from '../../etcd/store.js';
import { secret } from '../../kinds/secret.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceEvent, Subscription } from '../../machinery/resource-api.port.js';
import { KindFeeds } from './kind-feeds.js';
import { ResourceStorage } from './resource-storage.js';
import type { StoredObject } from './stored-object.js';

const text = {
  encode: (value: string) => new TextEncoder().encode(value),
  decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
};

function world() {
  const store = new Store<StoredObject>();
  const storage = new ResourceStorage(store, text);
  const feeds = new KindFeeds(storage);
  const put = (name: string): void => {
    const object = {
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { name, namespace: 'default', uid: name },
    } as KubeObject;
    storage.write(secret, { object: object as never, expectedRevision: 0 });
  };
  return { feeds, put };
}

describe('the feed of a kind', () => {
  it('tells every subscription, even two of one function', () => {
    const { feeds, put } = world();
    const seen: string[] = [];
    const hear = ({ object }: ResourceEvent): void => void seen.push(object.metadata.name);
    const one = feeds.subscribe(secret, hear);
    feeds.subscribe(secret, hear);
    put('a');
    one.cancel();
    one.cancel();
    put('b');
    expect(seen).toEqual(['a', 'a', 'b']);
  });

  it('tells nothing to who left while it was told, and only what comes later to who joined', () => {
    const { feeds, put } = world();
    const seen: string[] = [];
    const others: Subscription[] = [];
    feeds.subscribe(secret, ({ object }) => {
      seen.push(`first ${object.metadata.name}`);
      others[0]?.cancel();
      if (seen.length === 1) feeds.subscribe(secret, (event) => void seen.push(`late ${event.object.metadata.name}`));
    });
    others.push(feeds.subscribe(secret, () => void seen.push('left')));
    put('a');
    put('b');
    expect(seen).toEqual(['first a', 'first b', 'late b']);
  });

  it('begins anew after the last one has left', () => {
    const { feeds, put } = world();
    const seen: string[] = [];
    feeds.subscribe(secret, () => void seen.push('before')).cancel();
    put('a');
    feeds.subscribe(secret, ({ object }) => void seen.push(object.metadata.name));
    put('b');
    expect(seen).toEqual(['b']);
  });
});
