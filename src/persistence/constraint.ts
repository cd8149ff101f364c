import { QueryFailedError } from 'typeorm';

/** What a write ran into: a value that must be unique, or a row that another one needs. */
export type BrokenConstraint = 'unique' | 'foreign-key';

const CODES: Readonly<Record<string, BrokenConstraint>> = Object.freeze({
  SQLITE_CONSTRAINT_UNIQUE: 'unique',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'foreign-key',
  '23505': 'unique',
  '23503': 'foreign-key',
});

/** `undefined` for every other failure. */
export function brokenConstraint(error: unknown): BrokenConstraint | undefined {
  if (!(error instanceof QueryFailedError)) return undefined;
  const cause: unknown = error.driverError;
  return typeof cause === 'object' && cause !== null && 'code' in cause ? CODES[String(cause.code)] : undefined;
}
