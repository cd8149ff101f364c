/** An OpenAPI 2 document as OpenAPI 3, for servers that know no other. Mirrors kube-openapi's conversion; parameters are resolved. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, withoutKey } from '../../machinery/structure.js';
import { replacedReferences } from './references.js';

const METHODS: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const PARAMETERS = '#/parameters/';

export function version3Of(document: JsonObject): JsonObject {
  const { info = {}, definitions, securityDefinitions } = document;
  const written = Object.entries(objectIn(document['paths'])).map(
    ([path, item]) => [path, pathItem(objectIn(item), document)] as const,
  );
  const schemas = isJsonObject(definitions) ? { schemas: moved(definitions) } : {};
  const schemes = isJsonObject(securityDefinitions) ? { securitySchemes: securityDefinitions } : {};
  return { openapi: '3.0.0', info, paths: Object.fromEntries(written), components: { ...schemas, ...schemes } };
}

function pathItem(item: JsonObject, document: JsonObject): JsonObject {
  const entries = Object.entries(item).map(([key, value]): readonly [string, JsonValue] => {
    if (METHODS.includes(key)) return [key, operation(objectIn(value), document)];
    return key === 'parameters' ? [key, parametersOf(value, document).map(parameter)] : [key, value];
  });
  return Object.fromEntries(entries);
}

function operation(given: JsonObject, document: JsonObject): JsonObject {
  const { consumes, produces, schemes: _schemes, parameters, responses, ...rest } = given;
  const all = parametersOf(parameters, document);
  const body = all.find((each) => each['name'] === 'body' && each['schema'] !== undefined);
  const others = all.filter((each) => each !== body);
  const answers = Object.entries(objectIn(responses)).map(
    ([status, value]) => [status, response(objectIn(value), produces)] as const,
  );
  return {
    ...rest,
    ...(others.length === 0 ? {} : { parameters: others.map(parameter) }),
    ...(body === undefined ? {} : { requestBody: { content: contentOf(consumes, body['schema']) } }),
    responses: Object.fromEntries(answers),
  };
}

function response(given: JsonObject, produces: JsonValue | undefined): JsonObject {
  const { schema } = given;
  const rest = withoutKey(given, 'schema');
  return schema === undefined ? rest : { ...rest, content: contentOf(produces, schema) };
}

function parameter(given: JsonObject): JsonObject {
  const { type, format, uniqueItems, schema, ...rest } = given;
  const simple = {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(uniqueItems === undefined ? {} : { uniqueItems }),
  };
  return { ...rest, schema: schema === undefined ? simple : moved(schema) };
}

const contentOf = (types: JsonValue | undefined, schema: JsonValue | undefined): JsonObject =>
  Object.fromEntries((isJsonArray(types) ? types : []).map((type) => [String(type), { schema: moved(schema ?? {}) }]));

/** Parameters that many operations share are written once, and referred to. */
function parametersOf(value: JsonValue | undefined, document: JsonObject): readonly JsonObject[] {
  const shared = objectIn(document['parameters']);
  return (isJsonArray(value) ? value : []).flatMap((each) => {
    const given = objectIn(each);
    const reference = given['$ref'];
    if (typeof reference !== 'string') return [given];
    const name = reference.slice(PARAMETERS.length);
    return Object.hasOwn(shared, name) ? [objectIn(shared[name])] : [];
  });
}

/** A reference stands alone in OpenAPI 3: what stands beside it goes around it. */
function moved(value: JsonValue): JsonValue {
  return wrapped(replacedReferences(value, (each) => each.replace('#/definitions/', '#/components/schemas/')));
}

function wrapped(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(wrapped);
  if (!isJsonObject(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, wrapped(each)]));
  const { $ref, ...rest } = copy;
  if (typeof $ref !== 'string' || Object.keys(rest).length === 0) return copy;
  return { ...rest, allOf: [{ $ref }] };
}

const objectIn = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
