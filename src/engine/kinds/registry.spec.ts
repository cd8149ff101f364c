import { existsSync, readFileSync } from 'node:fs';
import type { Kind } from '../machinery/kind.js';
import { kinds } from './registry.js';

const FACTS = '../shared/reference/kubernetes-1.35/recorded/facts/';
const factsPath = (name: string): string => `${process.cwd()}/${FACTS}${name}`;
const hasFacts = existsSync(factsPath('discovery-aggregated.json'));
const withFacts = hasFacts ? it : it.skip;

interface PublishedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
interface PublishedSubresource {
  readonly subresource: string;
  readonly verbs: readonly string[];
  readonly responseKind: PublishedKind;
}
interface PublishedResource {
  readonly resource: string;
  readonly responseKind: PublishedKind;
  readonly scope: string;
  readonly singularResource: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly PublishedSubresource[];
}
interface PublishedGroups {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources: readonly PublishedResource[] }[];
  }[];
}

/** A kind as discovery publishes it. A kind of the resource's own group and version is published without the two. */
function published(kind: Kind) {
  return {
    resource: kind.plural,
    responseKind: { group: '', version: '', kind: kind.kind },
    scope: kind.scope === 'Cluster' ? 'Cluster' : 'Namespaced',
    singularResource: kind.singular,
    verbs: kind.verbs.toSorted(),
    ...(kind.shortNames === undefined ? {} : { shortNames: kind.shortNames }),
    ...(kind.categories === undefined ? {} : { categories: kind.categories }),
    ...(kind.subresources === undefined
      ? {}
      : { subresources: kind.subresources.map((each) => subresource(kind, each)) }),
  };
}

function subresource(parent: Kind, { name, verbs, responseKind }: NonNullable<Kind['subresources']>[number]) {
  const { group, version, kind } = responseKind ?? parent;
  const isParents = group === parent.group && version === parent.version;
  return {
    subresource: name,
    responseKind: isParents ? { group: '', version: '', kind } : { group, version, kind },
    verbs: verbs.toSorted(),
  };
}

describe('kinds', () => {
  if (!hasFacts) console.info(`recorded facts are absent (${FACTS}): the comparison with them is skipped`);

  withFacts('are what a real server discovers, in its order', () => {
    const facts = JSON.parse(readFileSync(factsPath('discovery-aggregated.json'), 'utf8')) as {
      readonly api: PublishedGroups;
      readonly apis: PublishedGroups;
    };
    const expected = [...facts.api.items, ...facts.apis.items].flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources }) =>
        resources.map((resource) => ({
          group: metadata.name ?? '',
          version,
          ...resource,
          verbs: resource.verbs.toSorted(),
        })),
      ),
    );
    const actual = kinds.map((kind) => ({ group: kind.group, version: kind.version, ...published(kind) }));
    expect(actual.map(({ resource }) => resource)).toEqual(expected.map(({ resource }) => resource));
    for (const [index, resource] of expected.entries()) expect(actual[index]).toEqual(resource);
  });

  withFacts('have the columns of a real server', () => {
    const tables = readFileSync(factsPath('table-columns.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; resource: string; columns: unknown });
    for (const { path, resource, columns } of tables) {
      const kind = kinds.find(
        ({ group, version, plural }) =>
          plural === resource && path === (group === '' ? `/api/${version}` : `/apis/${group}/${version}`),
      );
      const actual = kind?.columns.map(({ name, type, format = '', priority = 0 }) => ({
        name,
        type,
        format,
        priority,
      }));
      expect({ path, resource, columns: actual }).toEqual({ path, resource, columns });
    }
  });

  it('name each resource once', () => {
    const names = kinds.map(({ group, version, plural }) => `${group}/${version}/${plural}`);
    expect(new Set(names).size).toBe(names.length);
  });
});
