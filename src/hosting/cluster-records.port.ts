/** A cluster as it is registered, whether or not it is live. */
export interface ClusterRecord {
  /** A UUID. */
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** The specification that it was created from, as JSON text. */
  readonly spec: string;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** Something of its sort and owner has that name already: a tenant, a tenant's key or a tenant's cluster. */
export class NameInUseError extends Error {
  override readonly name = 'NameInUseError';
}

/** The register of all clusters. */
export interface ClusterRecords {
  /** @throws NameInUseError */
  insert(record: ClusterRecord): Promise<void>;
  /** All, oldest first. */
  list(): Promise<readonly ClusterRecord[]>;
  /** Whether there was such a cluster. */
  remove(id: string): Promise<boolean>;
}
