import type { IncomingHttpHeaders } from 'node:http';
import { UnsupportedMediaTypeException } from '@nestjs/common';

/** What a route is marked with that takes YAML as well: it gets the text. */
export const TAKES_YAML = Object.freeze({ takesYaml: true });
export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

const YAML_TYPE = /^(?:application\/(?:x-)?yaml|text\/yaml)\s*(?:;|$)/i;
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Bodies on management paths are JSON, whatever else the framework could read; YAML only where a route says so. */
export function requireJson(
  request: { readonly headers: IncomingHttpHeaders; readonly routeOptions?: { readonly config?: object } },
  _reply: unknown,
  done: (error?: Error) => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  const isJson = type !== undefined && JSON_TYPE.test(type);
  if (!hasBody || isJson) return done();
  const takesYaml = 'takesYaml' in (request.routeOptions?.config ?? {});
  if (takesYaml && type !== undefined && YAML_TYPE.test(type)) return done();
  const wanted = takesYaml ? 'application/json or application/yaml' : 'application/json';
  done(new UnsupportedMediaTypeException(`the body must be ${wanted}`));
}
