/** PostgreSQL's driver gives a bigint as text, SQLite's as a number. */
export const wholeNumber = Object.freeze({
  to: (value: number): number => value,
  from: (value: number | string): number => Number(value),
});
