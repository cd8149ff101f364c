import type { Mount, MountedFile } from '../mount.port.js';
import type { FileEntry } from './file-tree.js';

const DATA = '..data';
const ROOT_MODE = 0o777;
const DIRECTORY_MODE = 0o755;
const EMPTY = new Uint8Array();

type Files = ReadonlyMap<string, MountedFile>;

/** What lies at a path at or below a mount's. */
export function mountedEntry(mount: Mount, path: string): FileEntry | undefined {
  const modified = Math.floor(mount.writtenAt / 1_000);
  const directory = (mode: number): FileEntry => ({ type: 'directory', mode, modified, content: EMPTY });
  const link = (target: string): FileEntry => ({ type: 'link', mode: 0o777, modified, content: EMPTY, target });
  const relative = relativeTo(mount, path);
  if (relative === '') return directory(ROOT_MODE);
  if (relative === DATA) return link(mount.version);
  const files = mount.files();
  const own = withinVersion(mount, relative);
  if (own === undefined && !relative.includes('/')) {
    return files.has(relative) || isDirectory(files, relative) ? link(`${DATA}/${relative}`) : undefined;
  }
  const inner = own ?? relative;
  if (isDirectory(files, inner)) return directory(DIRECTORY_MODE);
  const file = files.get(inner);
  const content = file?.content();
  return file === undefined || content === undefined ? undefined : { type: 'file', mode: file.mode, modified, content };
}

/** The names in a directory of a mount, sorted. */
export function mountedNames(mount: Mount, path: string): readonly string[] {
  const relative = relativeTo(mount, path);
  const inner = withinVersion(mount, relative) ?? relative;
  const names = new Set<string>(relative === '' ? [DATA, mount.version] : []);
  const before = inner === '' ? '' : `${inner}/`;
  for (const each of mount.files().keys()) {
    if (each.startsWith(before)) names.add(each.slice(before.length).split('/', 1)[0] ?? '');
  }
  return Array.from(names).sort();
}

const relativeTo = (mount: Mount, path: string): string => path.slice(mount.path.length + 1);

/** The path below the directory with the files themselves, for one that leads through it. */
function withinVersion({ version }: Mount, relative: string): string | undefined {
  for (const each of [DATA, version]) {
    if (relative === each) return '';
    if (relative.startsWith(`${each}/`)) return relative.slice(each.length + 1);
  }
  return undefined;
}

function isDirectory(files: Files, path: string): boolean {
  if (path === '') return true;
  for (const each of files.keys()) if (each.startsWith(`${path}/`)) return true;
  return false;
}
