const INTERVAL_MS = 25;
const TIME_LIMIT_MS = 30_000;

/**
 * Asks again until `check` neither throws nor gives `undefined` or `false`, and gives what it gave. The last error, when it
 * never does, says what was missing.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + timeLimitMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await check();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
      failure = new Error(`it did not come about in ${timeLimitMs} ms: ${String(check)}`);
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
