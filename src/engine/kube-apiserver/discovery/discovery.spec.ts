import { existsSync, readFileSync } from 'node:fs';
import { kinds } from '../../kinds/registry.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { KindRegistry, KindTable } from '../kind-registry.js';
import { SharedDocuments } from '../shared-documents.js';

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts/discovery-aggregated.json';

const text: TextCodec = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};
const registry = () => new KindRegistry(new KindTable(kinds));
const documents = new SharedDocuments(text);
const recorded = existsSync(FACTS) ? (JSON.parse(readFileSync(FACTS, 'utf8')) as Record<string, unknown>) : undefined;
const whenRecorded = recorded === undefined ? it.skip : it;

describe('discovery', () => {
  whenRecorded.each(['api', 'apis'] as const)(`says of /%s what a real server says (needs ${FACTS})`, (root) => {
    expect(documents.of(registry()).discovery.aggregated(`/${root}`).body.value).toEqual(recorded?.[root]);
  });

  it('is made once for all clusters', () => {
    expect(documents.of(registry()).discovery).toBe(documents.of(registry()).discovery);
  });

  it('names the storage version of a kind by the hash that upstream gives it', () => {
    const list = documents.of(registry()).discovery.at('/apis/apps/v1')?.value as {
      resources: { name: string; storageVersionHash?: string }[];
    };
    const hashes = new Map(list.resources.map((each) => [each.name, each.storageVersionHash]));
    expect(hashes.get('deployments')).toBe('8aSe+NMegvE=');
    expect(hashes.get('deployments/scale')).toBeUndefined();
  });

  it('lists the versions of a group, the preferred first', () => {
    expect(documents.of(registry()).discovery.at('/apis/autoscaling')?.value).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'autoscaling',
      versions: [
        { groupVersion: 'autoscaling/v2', version: 'v2' },
        { groupVersion: 'autoscaling/v1', version: 'v1' },
      ],
      preferredVersion: { groupVersion: 'autoscaling/v2', version: 'v2' },
    });
  });

  it('has nothing to say of what is not served', () => {
    expect(documents.of(registry()).discovery.at('/apis/apps/v9')).toBeUndefined();
    expect(documents.of(registry()).discovery.at('/apis/nosuch')).toBeUndefined();
  });
});
