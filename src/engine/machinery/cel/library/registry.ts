import { addresses } from './addresses.js';
import { authorizers } from './authorizers.js';
import { conversions } from './conversions.js';
import { formats } from './formats.js';
import type { FunctionDeclaration, Overload } from './function.js';
import { lists } from './lists.js';
import { operators } from './operators.js';
import { optionals } from './optionals.js';
import { quantities } from './quantities.js';
import { regexes } from './regexes.js';
import { semvers } from './semvers.js';
import { strings } from './strings.js';
import { times } from './times.js';
import { urls } from './urls.js';

/** The functions of an environment of Kubernetes 1.35, by name; functions of one name are ways of calling one. */
export const functions: ReadonlyMap<string, readonly Overload[]> = byName([
  ...operators,
  ...conversions,
  ...strings,
  ...times,
  ...lists,
  ...optionals,
  ...regexes,
  ...quantities,
  ...addresses,
  ...urls,
  ...semvers,
  ...formats,
  ...authorizers,
]);

function byName(declarations: readonly FunctionDeclaration[]): ReadonlyMap<string, readonly Overload[]> {
  const all = new Map<string, Overload[]>();
  for (const { name, overloads } of declarations) {
    const known = all.get(name);
    if (known === undefined) all.set(name, [...overloads]);
    else known.push(...overloads);
  }
  return all;
}
