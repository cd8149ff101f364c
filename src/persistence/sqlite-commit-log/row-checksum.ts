import { crc32 } from 'node:zlib';

/** The columns of a row that its payload stands beside; a checkpoint has its number of parts for `revisionFrom`. */
export interface RowHead {
  readonly clusterId: string;
  readonly revisionFrom: number;
  readonly revisionTo: number;
  readonly instant: number;
}

/** CRC-32 over every column of a row, so that one that was damaged, or put under another cluster or revision, is found out. */
export function rowChecksum({ clusterId, revisionFrom, revisionTo, instant }: RowHead, payload: Uint8Array): number {
  const head = crc32(JSON.stringify([clusterId, revisionFrom, revisionTo, instant]));
  // An empty blob that SQLite gives has no memory behind it, for which zlib begins anew.
  return payload.byteLength === 0 ? head : crc32(payload, head);
}

/** As `rowChecksum`, of one part of a checkpoint. */
export const partChecksum = (
  { clusterId, revision, part }: { readonly clusterId: string; readonly revision: number; readonly part: number },
  payload: Uint8Array,
): number => crc32(payload, crc32(JSON.stringify([clusterId, revision, part])));
