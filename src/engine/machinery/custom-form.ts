import type { JSONSchemaProps, WebhookConversion } from './api/apiextensions-v1.js';
import type { Kind } from './kind.js';
import type { MergeType } from './managed-fields/merge-type.js';
import type { Decoded } from './schema/decode.js';
import type { ParsedValue } from './structure.js';

/** What takes the place of a Go type in a kind that a cluster has defined itself: its bodies are JSON of its own schema. */
export interface CustomForm {
  /** Differs in every kind of the process, and is the same for clusters with the same definition. */
  readonly id: string;
  readonly listKind: string;
  readonly schema: JSONSchemaProps | undefined;
  /** The paths of fields to select by, as `spec.color`. */
  readonly selectableFields: readonly string[];
  /** How server-side apply sees the objects. */
  readonly mergeType: MergeType;
  /** The kind of another version of the same definition, served or not; of this one, too. */
  versionOf(version: string): Kind | undefined;
  /** Reads a body of this kind and version. @throws DecodeError */
  read(value: ParsedValue, isStrict: boolean): Decoded;
  /** The webhook that makes one version of an object of another; `undefined` where they differ in nothing but their names. */
  readonly converter: WebhookConversion | undefined;
  /** Where the replica count and its like are, as `.spec.replicas`. */
  readonly scale: CustomScale | undefined;
}

export interface CustomScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string | undefined;
}
