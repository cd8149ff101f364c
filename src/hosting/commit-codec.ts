import type { CommitRecord, EngineState } from '../engine/cluster/cluster.js';
import type { ClockAnchor } from './cluster-clock.js';

/*
 * The bytes of a batch or of a part of a checkpoint: a 4-byte big-endian length, that many bytes of JSON header, then the values of the
 * header's records one after another. Values are handed on as they are, without a copy.
 */
const FORMAT = 1;
const HEADER_LENGTH_BYTES = 4;
const REMOVED = -1;

/** What belongs to one durable step besides its records. */
export interface CommitContext {
  /** The store's revision once the records are applied. */
  readonly revision: number;
  readonly state: EngineState;
  readonly clock: ClockAnchor;
}

export interface CommitPayload extends CommitContext {
  readonly records: readonly CommitRecord[];
}

type PackedRecord = readonly [
  key: string,
  revision: number,
  createRevision: number,
  version: number,
  leaseId: number,
  valueBytes: number,
];

interface PackedHeader extends CommitContext {
  readonly format: number;
  readonly records: readonly PackedRecord[];
}

/** The stored bytes are not what this version writes: they come from another version, or are damaged beyond the checksum. */
export class PayloadFormatError extends Error {
  override readonly name = 'PayloadFormatError';
}

export function encodePayload(context: CommitContext, records: Iterable<CommitRecord>): readonly Uint8Array[] {
  const packed: PackedRecord[] = [];
  const values: Uint8Array[] = [];
  for (const { key, revision, createRevision, version, leaseId, value } of records) {
    packed.push([key, revision, createRevision, version, leaseId ?? 0, value?.byteLength ?? REMOVED]);
    if (value !== undefined) values.push(value);
  }
  const { revision, state, clock } = context;
  const header: PackedHeader = { format: FORMAT, revision, state, clock, records: packed };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(HEADER_LENGTH_BYTES);
  length.writeUInt32BE(json.byteLength);
  return [length, json, ...values];
}

/** @throws PayloadFormatError */
export function decodePayload(bytes: Uint8Array): CommitPayload {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  let offset = HEADER_LENGTH_BYTES + view.readUInt32BE();
  const records = header.records.map(([key, revision, createRevision, version, leaseId, valueBytes]): CommitRecord => {
    const start = offset;
    offset += Math.max(valueBytes, 0);
    const value = valueBytes === REMOVED ? undefined : bytes.subarray(start, offset);
    return { key, revision, createRevision, version, value, ...(leaseId === 0 ? {} : { leaseId }) };
  });
  if (offset !== bytes.byteLength)
    throw new PayloadFormatError(`${bytes.byteLength} bytes where ${offset} are declared`);
  return { revision: header.revision, state: header.state, clock: header.clock, records };
}

function readHeader(view: Buffer): PackedHeader {
  if (view.byteLength < HEADER_LENGTH_BYTES) throw new PayloadFormatError(`only ${view.byteLength} bytes`);
  const end = HEADER_LENGTH_BYTES + view.readUInt32BE();
  if (end > view.byteLength) throw new PayloadFormatError(`a header of ${end} bytes in ${view.byteLength}`);
  const header = JSON.parse(view.toString('utf8', HEADER_LENGTH_BYTES, end)) as PackedHeader;
  if (header.format !== FORMAT) throw new PayloadFormatError(`format ${String(header.format)}, not ${FORMAT}`);
  return header;
}
