import { instant, timestamp, type Instant } from '../../kernel/clock.js';
import { parseSchedule } from './cron-schedule.js';

const at = (text: string): Instant => instant(Date.parse(text));
const runs = (expression: string, zone: string, since: string, count: number): readonly string[] => {
  const schedule = parseSchedule(expression, zone);
  const times: string[] = [];
  for (let time: Instant | undefined = at(since); times.length < count;) {
    time = schedule.next(time);
    if (time === undefined) break;
    times.push(timestamp(time));
  }
  return times;
};

describe('a cron schedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', ['2026-01-01T00:01:00Z', '2026-01-01T00:02:00Z']],
    ['*/20 * * * *', '2026-01-01T00:20:00Z', ['2026-01-01T00:40:00Z', '2026-01-01T01:00:00Z']],
    ['5-7/2 3 * * *', '2026-01-01T00:00:00Z', ['2026-01-01T03:05:00Z', '2026-01-01T03:07:00Z']],
    ['50/5 3 * * *', '2026-01-01T03:50:00Z', ['2026-01-01T03:55:00Z', '2026-01-02T03:50:00Z']],
    ['0 0 31 * *', '2026-01-31T00:00:00Z', ['2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z']],
    ['0 0 29 feb *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00Z']],
    ['0 12 * * mon-FRI', '2026-01-02T12:00:00Z', ['2026-01-05T12:00:00Z', '2026-01-06T12:00:00Z']],
    ['0 0 13 * 5', '2026-02-01T00:00:00Z', ['2026-02-06T00:00:00Z', '2026-02-13T00:00:00Z', '2026-02-20T00:00:00Z']],
    ['0 0 ? 12 0', '2026-01-01T00:00:00Z', ['2026-12-06T00:00:00Z']],
    ['@yearly', '2026-01-01T00:00:00Z', ['2027-01-01T00:00:00Z']],
    ['@hourly', '2026-01-01T00:00:00Z', ['2026-01-01T01:00:00Z']],
    ['@every 1h30m', '2026-01-01T00:00:00.500Z', ['2026-01-01T01:30:00Z', '2026-01-01T03:00:00Z']],
  ])('%s after %s', (expression, since, expected) => {
    expect(runs(expression, '', since, expected.length)).toEqual(expected);
  });

  it('never comes where there is no such day', () => {
    expect(runs('0 0 30 2 *', '', '2026-01-01T00:00:00Z', 1)).toEqual([]);
  });

  it('follows the clocks of its zone', () => {
    const around = runs('30 9 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', 3);
    expect(around).toEqual(['2026-03-28T08:30:00Z', '2026-03-29T07:30:00Z', '2026-03-30T07:30:00Z']);
    expect(runs('TZ=Asia/Kolkata 0 0 * * *', '', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T18:30:00Z']);
    expect(runs('0 0 * * *', 'Pacific/Chatham', '2026-07-01T00:00:00Z', 1)).toEqual(['2026-07-01T11:15:00Z']);
  });

  it('leaves out the hour that clocks skip, and does the one twice that they show twice', () => {
    const spring = runs('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 1);
    expect(spring).toEqual(['2026-03-30T00:30:00Z']);
    const autumn = runs('30 * * * *', 'Europe/Berlin', '2026-10-24T23:45:00Z', 3);
    expect(autumn).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T02:30:00Z']);
  });

  it('begins days that have no midnight later', () => {
    const days = runs('0 * * * *', 'America/Santiago', '2026-09-06T03:30:00Z', 2);
    expect(days).toEqual(['2026-09-06T04:00:00Z', '2026-09-06T05:00:00Z']);
    expect(runs('0 4 6 9 *', 'America/Santiago', '2026-09-01T00:00:00Z', 1)).toEqual(['2026-09-06T07:00:00Z']);
  });
});
