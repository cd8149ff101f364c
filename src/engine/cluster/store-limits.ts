import type { LimitOptions } from '../etcd/limits.js';
import type { StoredObject } from '../kube-apiserver/storage/stored-object.js';
import { builtInMessages } from '../machinery/protobuf/built-in-messages.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { EtcdSettings } from './cluster-spec.js';

/** The bytes that an object weighs in the store and in its history. */
export const storedSize = ({ bytes }: StoredObject): number => bytes.length;

/** Requests are weighed as upstream sends them: built-in kinds in protobuf, which is smaller than the JSON that is kept here. */
export const storeLimits = ({ quotaBytes }: EtcdSettings, text: TextCodec): LimitOptions<StoredObject> => ({
  quotaBytes,
  sizeOf: storedSize,
  requestSizeOf: ({ object, bytes }) =>
    builtInMessages.schemaOf(object.apiVersion ?? '', object.kind ?? '') === undefined
      ? bytes.length
      : builtInMessages.encodeBody(object, text).reduce((sum, part) => sum + part.length, 0),
});
