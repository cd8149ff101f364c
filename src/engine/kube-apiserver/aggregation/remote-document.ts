import { parseJson } from '../../machinery/json/parse-json.js';
import { isJsonObject, type JsonObject } from '../../machinery/structure.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { plainJson } from '../ownership/plain-json.js';

/** Whoever looks through a document goes as deep as it is: deeper ones are none. */
const DEPTH_MAX = 200;

/** What another server sent, where it is a JSON object of a kind that documents are. */
export function remoteDocument(body: Uint8Array, text: TextCodec): JsonObject | undefined {
  const content = text.decode(body);
  if (isTooDeep(content)) return undefined;
  const { value } = parseJson(content);
  return isJsonObject(value) ? (plainJson(value) as JsonObject) : undefined;
}

function isTooDeep(content: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < content.length; at++) {
    const each = content[at];
    if (isInText && each === '\\') at++;
    else if (each === '"') isInText = !isInText;
    else if (isInText) continue;
    else if (each === '{' || each === '[') depth++;
    else if (each === '}' || each === ']') depth--;
    if (depth > DEPTH_MAX) return true;
  }
  return false;
}
