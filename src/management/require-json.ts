import type { IncomingHttpHeaders } from 'node:http';
import { UnsupportedMediaTypeException } from '@nestjs/common';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Bodies on management paths are JSON, whatever else the framework could read. */
export function requireJson(
  request: { readonly headers: IncomingHttpHeaders },
  _reply: unknown,
  done: (error?: Error) => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && length !== '0');
  const isJson = type !== undefined && JSON_TYPE.test(type);
  done(hasBody && !isJson ? new UnsupportedMediaTypeException('the body must be application/json') : undefined);
}
