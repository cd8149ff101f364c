// Writes what the API types and their fields are for, which OpenAPI publishes, to `api-descriptions.json` in the build output.
// The texts come from the type declarations of @kubernetes/client-node; they are read with every build and never committed.
//
//   node scripts/write-api-descriptions.mjs [build output, else dist]
//
// Needs the compiled server in the build output: it says which types there are. `{definition: {description?, fields}}`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = resolve(root, process.argv[2] ?? 'dist');
const declarations = join(root, 'node_modules', '@kubernetes', 'client-node', 'dist', 'gen', 'models');
const DECLARED = /(?:\/\*\*\n((?: *\*.*\n)+?) *\*\/\n)?^(?:export declare class (\w+)| {4}'([^']+)'\??:)/gm;

const compiled = (path) => import(pathToFileURL(join(output, 'src', 'engine', path)).href);
const { builtInSchemas } = await compiled('machinery/schema/built-in-schemas.js');
const { definitionName } = await compiled('kube-apiserver/openapi/type-definitions.js');

const classes = readClasses();
const structs = builtInSchemas.typeNames.map((name) => builtInSchemas.schemaOf(name)).filter(isStruct);
const described = Object.fromEntries(
  structs.flatMap((struct) => {
    const entry = describe(struct);
    return entry === undefined ? [] : [[definitionName(struct.typeName), entry]];
  }),
);
writeFileSync(join(output, 'src', 'api-descriptions.json'), JSON.stringify(described));

/** Descriptions of classes and of their properties, by class name. */
function readClasses() {
  const found = new Map();
  for (const file of readdirSync(declarations)) {
    if (!file.endsWith('.d.ts')) continue;
    let current;
    for (const [, comment, className, property] of readFileSync(join(declarations, file), 'utf8').matchAll(DECLARED)) {
      const description = comment === undefined ? undefined : textOf(comment);
      if (className !== undefined) {
        current = { description, fields: new Map() };
        found.set(className, current);
      } else current?.fields.set(property, description);
    }
  }
  return found;
}

/** As the published documents have it: the generator escapes quotes, backslashes and ends of comments. */
function textOf(comment) {
  const lines = comment.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
  return lines.join('\n').trim().replaceAll('*_/', '*/').replace(/\\(.)/g, '$1');
}

function describe(struct) {
  const declared = classOf(struct);
  if (declared === undefined) return undefined;
  const fields = struct.ordered.flatMap(({ name }) => {
    const text = declared.fields.get(propertyName(name, declared));
    return text === undefined ? [] : [[name, text]];
  });
  const { description } = declared;
  return { ...(description === undefined ? {} : { description }), fields: Object.fromEntries(fields) };
}

/** Names carry the group only where two groups have types of one name: `V1Pod`, but `CoreV1Event` and `EventsV1Event`. */
function classOf({ typeName, ordered }) {
  const [, group, version, name] = /(\w+)\/(\w+)\.(\w+)$/.exec(typeName) ?? [];
  if (group === undefined) return undefined;
  const declared =
    classes.get(capitalised(group) + capitalised(version) + name) ?? classes.get(capitalised(version) + name);
  if (declared === undefined) return undefined;
  // A type that is not published may be called like one of another group which is: its properties tell.
  const known = new Set(ordered.map((field) => propertyName(field.name, declared)));
  const strange = [...declared.fields.keys()].filter((property) => !known.has(property));
  return strange.length === 0 ? declared : undefined;
}

/** Words that TypeScript keeps for itself have an underscore before them: `_continue`, and `-` is `_` everywhere. */
function propertyName(name, { fields }) {
  const plain = name.replace(/^\$/, '').replaceAll('-', '_');
  return fields.has(plain) ? plain : `_${plain}`;
}

function isStruct({ kind }) {
  return kind === 'struct';
}

function capitalised(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
