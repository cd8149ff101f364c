/** A copy with one field set; absent where the value is `undefined`. */
export function withField<T extends object, Name extends keyof T>(
  object: T,
  name: Name,
  value: T[Name] | undefined,
): T {
  if (value !== undefined) return { ...object, [name]: value };
  const copy = { ...object };
  delete copy[name];
  return copy;
}
