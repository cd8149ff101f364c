/** Reads image names as the reference container tooling does (distribution's grammar), as far as defaults depend on it. */
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const BARE_ID = /^[a-f0-9]{64}$/;
const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);
const NAME_LENGTH_MAX = 255;

/**
 * The tag that an image name stands for: `latest` without tag and digest, the empty string for a digest alone and for a name
 * that is none.
 */
export function imageTag(image: string): string {
  if (BARE_ID.test(image)) return '';
  const [, name, tag, digest] = REFERENCE.exec(normalised(image)) ?? [];
  if (name === undefined || name.length > NAME_LENGTH_MAX) return '';
  if (digest !== undefined && !isDigest(digest)) return '';
  return tag ?? (digest === undefined ? 'latest' : '');
}

/** Whether an image name stands for the tag `latest`. */
export function isLatest(image: string): boolean {
  const colon = image.lastIndexOf(':');
  const isTagged = colon > image.lastIndexOf('/') && !image.includes('@');
  // Another tag, or no name at all.
  if (isTagged && image.slice(colon + 1) !== 'latest') return false;
  return imageTag(image) === 'latest';
}

/** `nginx` is `docker.io/library/nginx`. The first part is a host if it looks like one. */
function normalised(image: string): string {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first.toLowerCase() !== first);
  const rest = isHost ? image.slice(slash + 1) : image;
  const host = isHost && first !== 'index.docker.io' ? first : 'docker.io';
  return `${host}/${host === 'docker.io' && !rest.includes('/') ? 'library/' : ''}${rest}`;
}

function isDigest(digest: string): boolean {
  const colon = digest.indexOf(':');
  return (
    DIGEST_LENGTHS.get(digest.slice(0, colon)) === digest.length - colon - 1 &&
    /^[a-f0-9]+$/.test(digest.slice(colon + 1))
  );
}
