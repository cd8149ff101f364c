import type { ApiClient } from './api-client.js';
import type { Seen } from './watch-client.js';

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** How many events `writeConfigMaps` causes. */
export const CONFIG_MAP_EVENTS = 10 * 6 + 5 + 1;

export const configMap = (name: string, label: string) => ({
  metadata: { name, labels: { test: label } },
  data: { value: '0' },
});

/** Writes to ten objects at a time, all labelled `test=<label>`, and at last to one by whose name the end is known. */
export async function writeConfigMaps(kubernetes: ApiClient, label: string): Promise<void> {
  await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const name = `${label}-${index}`;
      await kubernetes.post(CONFIG_MAPS, configMap(name, label));
      for (let value = 1; value <= 5; value++) {
        await kubernetes.patch(`${CONFIG_MAPS}/${name}`, { data: { value: String(value) } });
      }
      if (index % 2 === 0) await kubernetes.delete(`${CONFIG_MAPS}/${name}`);
    }),
  );
  await kubernetes.post(CONFIG_MAPS, configMap(`${label}-end`, label));
}

export const hasEnded = (events: readonly Seen[], label: string): boolean =>
  events.some(([, name]) => name === `${label}-end`);
