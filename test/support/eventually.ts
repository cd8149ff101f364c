const INTERVAL_MS = 25;
const TIME_LIMIT_MS = 25_000;

/** Asks again until `check` neither throws nor gives `false`, and gives what it gave. Its last failure says what was missing. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  timeLimitMs = TIME_LIMIT_MS,
): Promise<Exclude<T, false>> {
  const deadline = Date.now() + timeLimitMs;
  for (;;) {
    let failure: unknown;
    try {
      const value = await check();
      if (value !== false) return value as Exclude<T, false>;
      failure = new Error(`it did not come about in ${timeLimitMs} ms: ${String(check)}`);
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
