/** What Nest's container knows the ports of this part by. */
export const TENANT_RECORDS = Symbol('TenantRecords');
export const KEY_RECORDS = Symbol('KeyRecords');
