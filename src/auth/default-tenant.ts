import { randomUUID } from 'node:crypto';
import { systemWallClock } from '../hosting/wall-clock.js';
import { NameInUseError, type TenantRecords } from './tenants.port.js';

export const DEFAULT_TENANT = 'default';

/** On the first start there is one tenant, so that the first cluster needs one call. Afterwards it may be deleted. */
export async function ensureFirstTenant(tenants: TenantRecords): Promise<void> {
  const known = await tenants.list();
  if (known.length > 0) return;
  try {
    await tenants.create({ id: randomUUID(), name: DEFAULT_TENANT, createdAt: systemWallClock.now() });
  } catch (error) {
    if (!(error instanceof NameInUseError)) throw error;
  }
}
