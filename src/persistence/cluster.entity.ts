import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from './whole-number.js';

@Entity('cluster')
@Index(['tenantId', 'name'], { unique: true })
export class ClusterEntity {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ name: 'tenant_id', type: 'varchar' })
  tenantId!: string;

  @Column({ type: 'varchar' })
  name!: string;

  /** JSON text. */
  @Column({ type: 'text' })
  spec!: string;

  @Column({ name: 'created_at', type: 'bigint', transformer: wholeNumber })
  createdAt!: number;
}
