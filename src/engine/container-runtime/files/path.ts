/** The absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(workingDirectory: string, path: string): string {
  const segments: string[] = [];
  const whole = path.startsWith('/') ? path : `${workingDirectory}/${path}`;
  for (const segment of whole.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
