/** Milliseconds since the Unix epoch, in simulated time. Never wall-clock time. */
export type Instant = number & { readonly __unit: 'instant-ms' };
/** A length of simulated time in milliseconds. */
export type Duration = number & { readonly __unit: 'duration-ms' };

export const milliseconds = (count: number): Duration => count as Duration;
export const seconds = (count: number): Duration => (count * 1_000) as Duration;
export const minutes = (count: number): Duration => (count * 60_000) as Duration;
export const hours = (count: number): Duration => (count * 3_600_000) as Duration;

export const instant = (epochMs: number): Instant => epochMs as Instant;
export const after = (start: Instant, wait: Duration): Instant => (start + wait) as Instant;
export const between = (start: Instant, end: Instant): Duration => (end - start) as Duration;

/** RFC 3339 in UTC with whole seconds: the form of `metav1.Time`. */
export const timestamp = (at: Instant): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
/** RFC 3339 in UTC with six decimals: the form of `metav1.MicroTime`. */
export const microTimestamp = (at: Instant): string => `${new Date(at).toISOString().slice(0, 23)}000Z`;
/** Reads either form; `undefined` for text that is no time. */
export function parseTimestamp(text: string): Instant | undefined {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : instant(epochMs);
}
