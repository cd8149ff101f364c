import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { constants, gzipSync } from 'node:zlib';
import type { DocumentSupplies, TypeDescription } from '../engine/kube-apiserver/openapi/document-supplies.port.js';

/** Made by the build, from texts that are not this project's own: it is absent where the sources run uncompiled. */
const DESCRIPTIONS = new URL('../api-descriptions.json', import.meta.url);

/** Descriptions of the API as the build left them, read when the first document is made. */
export function documentSupplies(): DocumentSupplies {
  let descriptions: ReadonlyMap<string, TypeDescription> | undefined;
  return Object.freeze({
    describe(definitionName: string): TypeDescription | undefined {
      descriptions ??= readDescriptions();
      return descriptions.get(definitionName);
    },
    compress: (bytes: Uint8Array): Uint8Array => gzipSync(bytes, { level: constants.Z_DEFAULT_COMPRESSION }),
    hash: (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex').toUpperCase(),
  });
}

function readDescriptions(): ReadonlyMap<string, TypeDescription> {
  if (!existsSync(DESCRIPTIONS)) return new Map();
  const parsed = JSON.parse(readFileSync(DESCRIPTIONS, 'utf8')) as Readonly<Record<string, TypeDescription>>;
  return new Map(Object.entries(parsed));
}
