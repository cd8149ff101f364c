const PORT_MAX = 65_535;

/** A port that a client names; `undefined` where it is none. */
export function portOf(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= PORT_MAX ? port : undefined;
}
