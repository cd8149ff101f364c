import { instant } from '../../src/engine/kernel/clock.js';
import type { ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { JOBS, story } from '../support/story.js';

const CRON_JOBS = '/apis/batch/v1/namespaces/default/cronjobs';
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const HOUR = 3_600;
const timeZone = 'Europe/Berlin';

/** Clocks go from 02:00 to 03:00. */
const SPRING = instant(Date.UTC(2026, 2, 28, 12));
/** Clocks go from 03:00 back to 02:00. */
const AUTUMN = instant(Date.UTC(2026, 9, 24, 12));

describe('a CronJob over the night in which clocks are put forward', () => {
  story('does not run at a time that there is not, and runs at its hour again the next day', {
    cluster: { start: SPRING, latency: 'instant' },
    tell(harness) {
      createCronJob(harness, 'nightly', '30 2 * * *');
      harness.runFor(48 * HOUR);
      expect(startsOf(harness, 'nightly')).toEqual([['2026-03-30T02:30:00+02:00', '2026-03-30T00:30:00Z']]);
      expect(harness.get(`${CRON_JOBS}/nightly`).status.lastScheduleTime).toBe('2026-03-30T00:30:00Z');
      expect(harness.eventsOf('nightly').filter((each) => /Missed|TooMany/.test(each))).toEqual([]);
    },
  });

  story('keeps the distance of an hour where it runs in every hour', {
    cluster: { start: SPRING, latency: 'instant' },
    tell(harness) {
      harness.runFor(12.5 * HOUR);
      createCronJob(harness, 'hourly', '15 * * * *');
      harness.runFor(3 * HOUR);
      expect(startsOf(harness, 'hourly')).toEqual([
        ['2026-03-29T03:15:00+02:00', '2026-03-29T01:15:00Z'],
        ['2026-03-29T04:15:00+02:00', '2026-03-29T02:15:00Z'],
        ['2026-03-29T05:15:00+02:00', '2026-03-29T03:15:00Z'],
      ]);
    },
  });
});

describe('a CronJob over the night in which clocks are put back', () => {
  story('runs at both times that clocks show', {
    cluster: { start: AUTUMN, latency: 'instant' },
    tell(harness) {
      createCronJob(harness, 'nightly', '30 2 * * *');
      createCronJob(harness, 'early', '30 1 * * *');
      harness.runFor(48 * HOUR);
      expect(startsOf(harness, 'nightly')).toEqual([
        ['2026-10-25T02:30:00+02:00', '2026-10-25T00:30:00Z'],
        ['2026-10-25T02:30:00+01:00', '2026-10-25T01:30:00Z'],
        ['2026-10-26T02:30:00+01:00', '2026-10-26T01:30:00Z'],
      ]);
      expect(startsOf(harness, 'early')).toEqual([
        ['2026-10-25T01:30:00+02:00', '2026-10-24T23:30:00Z'],
        ['2026-10-26T01:30:00+01:00', '2026-10-26T00:30:00Z'],
      ]);
    },
  });

  story('goes by UTC where it names no zone', {
    cluster: { start: AUTUMN, latency: 'instant' },
    tell(harness) {
      createCronJob(harness, 'plain', '30 2 * * *', { timeZone: null });
      harness.runFor(48 * HOUR);
      expect(startsOf(harness, 'plain').map(([, start]) => start)).toEqual([
        '2026-10-25T02:30:00Z',
        '2026-10-26T02:30:00Z',
      ]);
    },
  });
});

describe('a CronJob whose cluster was busy elsewhere', () => {
  story('makes up for one missed start only, and for none that is too late', {
    cluster: { start: AUTUMN, latency: 'instant' },
    tell(harness) {
      createCronJob(harness, 'late', '0 * * * *', { startingDeadlineSeconds: 600 });
      createCronJob(harness, 'patient', '0 * * * *');
      harness.cluster.switchController('cronjob-controller', false);
      harness.runFor(5.5 * HOUR);
      harness.cluster.switchController('cronjob-controller', true);
      harness.runFor(60);
      expect(startsOf(harness, 'late')).toEqual([]);
      expect(startsOf(harness, 'patient')).toEqual([['2026-10-24T19:00:00+02:00', '2026-10-24T17:30:00Z']]);
    },
  });
});

function createCronJob(harness: ClusterHarness, name: string, schedule: string, more: Json = {}): void {
  const containers = [{ name: 'app', image: 'busybox:1.36', command: ['true'] }];
  const jobTemplate = { spec: { template: { spec: { restartPolicy: 'Never', containers } } } };
  const spec = { schedule, timeZone, successfulJobsHistoryLimit: 10, jobTemplate, ...more };
  harness.request('POST', CRON_JOBS, { metadata: { name }, spec });
}

/** What its Jobs were scheduled for and when they started, oldest first. */
const startsOf = (harness: ClusterHarness, name: string): string[][] =>
  harness
    .list(JOBS)
    .filter(({ metadata }) => metadata.ownerReferences[0].name === name)
    .map(({ metadata, status }) => [metadata.annotations[SCHEDULED] as string, status.startTime as string])
    .toSorted(([, a = ''], [, b = '']) => a.localeCompare(b));
