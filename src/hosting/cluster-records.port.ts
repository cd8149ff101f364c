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

/** The tenant has a cluster of that name. */
export class ClusterNameInUseError extends Error {
  override readonly name = 'ClusterNameInUseError';
}

/** The register of all clusters. */
export interface ClusterRecords {
  /** @throws ClusterNameInUseError */
  insert(record: ClusterRecord): Promise<void>;
  /** All, oldest first. */
  list(): Promise<readonly ClusterRecord[]>;
  /** Whether there was such a cluster. */
  remove(id: string): Promise<boolean>;
}
