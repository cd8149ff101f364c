import type { CustomResourceDefinition, JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { additionalOf, itemsOf, sortedEntries } from './structural-rules.js';

/** The formats of strings that are checked, without dashes. */
const KNOWN: ReadonlySet<string> = new Set([
  ...['bsonobjectid', 'uri', 'email', 'hostname', 'ipv4', 'ipv6', 'cidr', 'mac', 'uuid', 'uuid3', 'uuid4', 'uuid5'],
  ...['isbn', 'isbn10', 'isbn13', 'creditcard', 'ssn', 'hexcolor', 'rgbcolor', 'byte', 'password', 'date', 'duration'],
  ...['datetime', 'k8sshortname', 'k8slongname'],
]);

/** What is said of formats that restrict nothing; on updates, of new ones alone. */
export function formatWarnings(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): readonly string[] {
  const former = new Set(old === undefined ? [] : unknownFormats(old));
  return unknownFormats(definition)
    .filter((format) => !former.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}

const unknownFormats = ({ spec }: CustomResourceDefinition): readonly string[] =>
  (spec.versions ?? []).flatMap(({ schema }) =>
    schema?.openAPIV3Schema === undefined ? [] : formatsBelow(schema.openAPIV3Schema),
  );

function formatsBelow(schema: JSONSchemaProps): readonly string[] {
  const { format = '', type, allOf = [], anyOf = [], oneOf = [], not, properties } = schema;
  const own = format !== '' && type === 'string' && !KNOWN.has(format.replaceAll('-', '')) ? [format] : [];
  const single = [itemsOf(schema), additionalOf(schema), not].filter((each) => each !== undefined);
  const below = [...single, ...allOf, ...anyOf, ...oneOf, ...sortedEntries(properties).map(([, each]) => each)];
  return [...own, ...below.flatMap(formatsBelow)];
}
