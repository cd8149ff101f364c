/** JSON of a trusted object. An int64 beyond 2^53 is a `bigint`, which JSON.stringify refuses. */
export function encodeJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return exactText(value);
    throw error;
  }
}

function exactText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(exactText).join(',')}]`;
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${exactText(each)}`).join(',')}}`;
}
