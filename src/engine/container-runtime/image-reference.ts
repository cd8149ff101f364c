import { Random } from '../kernel/random.js';

const DEFAULT_REGISTRY = 'docker.io';
const DEFAULT_TAG = 'latest';
/** RFC 2606 reserves these for names that never resolve. */
const UNRESOLVABLE = /\.(invalid|test)(:\d+)?$/;
/** A tag that announces its own absence, so that a failing pull can be had without a network. */
const ABSENT_TAGS: ReadonlySet<string> = new Set(['does-not-exist', 'nonexistent', 'no-such-tag']);
const REFERENCE =
  /^(?:(?<registry>(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+(?::\d+)?|localhost(?::\d+)?|[a-zA-Z0-9-]+:\d+)\/)?(?<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

export interface ImageReference {
  /** As a runtime reports it: `docker.io/library/nginx:1.27`. */
  readonly fullName: string;
  readonly registry: string;
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Reads an image name as a container runtime does; `undefined` where it is malformed. */
export function parseImage(text: string): ImageReference | undefined {
  const groups = REFERENCE.exec(text)?.groups;
  const path = groups?.['path'];
  if (groups === undefined || path === undefined) return undefined;
  const registry = groups['registry'] ?? DEFAULT_REGISTRY;
  const repository = registry === DEFAULT_REGISTRY && !path.includes('/') ? `library/${path}` : path;
  const digest = groups['digest'];
  const tag = groups['tag'] ?? (digest === undefined ? DEFAULT_TAG : undefined);
  const fullName = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return { fullName, registry, repository, tag, digest };
}

export type PullOutcome =
  { readonly imageId: string; readonly error?: never } | { readonly error: string; readonly imageId?: never };

/**
 * What the simulated registries answer. Every well-formed image exists, except where its name says that it cannot:
 * a registry below `.invalid` or `.test`, or a tag such as `does-not-exist`. Digests are a function of the name.
 */
export function resolveImage(text: string): PullOutcome {
  const image = parseImage(text);
  if (image === undefined) {
    return { error: `failed to parse image reference ${JSON.stringify(text)}: invalid reference format` };
  }
  const { fullName, registry, repository, tag } = image;
  if (UNRESOLVABLE.test(registry)) {
    const host = registry.replace(/:\d+$/, '');
    return {
      error: `failed to pull and unpack image "${fullName}": failed to resolve reference "${fullName}": failed to do request: Head "https://${registry}/v2/${repository}/manifests/${tag ?? ''}": dial tcp: lookup ${host}: no such host`,
    };
  }
  if (tag !== undefined && ABSENT_TAGS.has(tag)) {
    return {
      error: `rpc error: code = NotFound desc = failed to pull and unpack image "${fullName}": failed to resolve reference "${fullName}": ${fullName}: not found`,
    };
  }
  const digest = image.digest ?? digestOf(fullName);
  return { imageId: `${registry}/${repository}@${digest}` };
}

/** A stand-in for a content digest: well formed, and the same for one name everywhere. */
function digestOf(name: string): string {
  let seed = 0;
  for (let index = 0; index < name.length; index++) seed = (Math.imul(seed, 31) + name.charCodeAt(index)) >>> 0;
  const random = Random.seeded(seed);
  let digits = '';
  while (digits.length < 64) digits += random.word().toString(16).padStart(8, '0');
  return `sha256:${digits}`;
}
