import { crc32 } from 'node:zlib';

/** The columns of a row that its payload stands beside. */
export interface RowHead {
  readonly clusterId: string;
  readonly revisionFrom: number;
  readonly revisionTo: number;
  readonly instant: number;
}

/** CRC-32 over every column of a row, so that one that was damaged, or put under another cluster or revision, is found out. */
export function rowChecksum({ clusterId, revisionFrom, revisionTo, instant }: RowHead, payload: Uint8Array): number {
  return crc32(payload, crc32(JSON.stringify([clusterId, revisionFrom, revisionTo, instant])));
}
