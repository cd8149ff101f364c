import { after, instant, seconds } from '../kernel/clock.js';
import { CrashRecord, goSeconds, PullBackoff, restarts } from './restart-policy.js';

const START = instant(Date.UTC(2026, 0, 1));

describe('restarts', () => {
  it.each([
    ['Always', undefined, 0, true],
    ['Always', undefined, 1, true],
    ['OnFailure', undefined, 0, false],
    ['OnFailure', undefined, 1, true],
    ['Never', undefined, 1, false],
    ['Never', 'Always', 0, true],
  ])('under %s, the container saying %s, after exit code %d: %s', (podPolicy, restartPolicy, exitCode, expected) => {
    const container = { name: 'app', ...(restartPolicy === undefined ? {} : { restartPolicy }) };
    expect(restarts(container, podPolicy, exitCode)).toBe(expected);
  });
});

describe('CrashRecord', () => {
  it('starts again at once after the first crash, then waits 10 s, doubled up to 5 min', () => {
    const record = new CrashRecord(0);
    const waits = Array.from({ length: 8 }, (_, attempt) =>
      record.waitSeconds(attempt, START, after(START, seconds(1))),
    );
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('asks twice about one crash and counts it once', () => {
    const record = new CrashRecord(0);
    record.waitSeconds(0, START, START);
    expect(record.waitSeconds(1, START, START)).toBe(10);
    expect(record.waitSeconds(1, START, START)).toBe(10);
  });

  it('forgets earlier crashes of a container that ran for ten minutes', () => {
    const record = new CrashRecord(0);
    for (let attempt = 0; attempt < 4; attempt++) record.waitSeconds(attempt, START, START);
    expect(record.waitSeconds(4, START, after(START, seconds(601)))).toBe(0);
  });
});

describe('PullBackoff', () => {
  it('retries after 10 s, doubled up to 5 min', () => {
    const backoff = new PullBackoff();
    const waits = Array.from({ length: 7 }, () => backoff.failed(START, 'no such host') - START);
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300].map((each) => each * 1_000));
  });
});

describe('goSeconds', () => {
  it.each([
    [10, '10s'],
    [80, '1m20s'],
    [300, '5m0s'],
  ])('prints %d as %s', (total, text) => {
    expect(goSeconds(total)).toBe(text);
  });
});
