import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from './whole-number.js';

@Entity('api_key')
@Index(['tenantId', 'name'], { unique: true })
export class ApiKeyEntity {
  @PrimaryColumn({ type: 'varchar' })
  id!: string;

  @Column({ name: 'tenant_id', type: 'varchar' })
  tenantId!: string;

  @Column({ type: 'varchar' })
  name!: string;

  /** SHA-256 of the secret, in lower-case hexadecimal. */
  @Column({ type: 'varchar', unique: true })
  hash!: string;

  @Column({ type: 'varchar' })
  prefix!: string;

  @Column({ name: 'created_at', type: 'bigint', transformer: wholeNumber })
  createdAt!: number;
}
