export { NameInUseError } from '../hosting/cluster-records.port.js';

export interface TenantRecord {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** An API key as it is kept: never the secret itself. */
export interface KeyRecord {
  /** A UUID. */
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** SHA-256 of the secret, in lower-case hexadecimal. */
  readonly hash: string;
  /** The start of the secret, by which its owner knows it. */
  readonly prefix: string;
  readonly createdAt: number;
}

/** The tenant still has clusters. */
export class TenantInUseError extends Error {
  override readonly name = 'TenantInUseError';
}

export interface TenantRecords {
  /** All, by name. */
  list(): Promise<readonly TenantRecord[]>;
  find(name: string): Promise<TenantRecord | undefined>;
  /** @throws NameInUseError */
  create(record: TenantRecord): Promise<void>;
  /** Deletes a tenant with its keys. Whether there was such a tenant. @throws TenantInUseError while it has clusters. */
  delete(id: string): Promise<boolean>;
}

export interface KeyRecords {
  /** @throws NameInUseError when the tenant has a key of that name. */
  create(record: KeyRecord): Promise<void>;
  /** A tenant's keys, by name. */
  list(tenantId: string): Promise<readonly KeyRecord[]>;
  /** Whether the tenant had such a key. */
  delete(tenantId: string, id: string): Promise<boolean>;
  findByHash(hash: string): Promise<KeyRecord | undefined>;
}
