import { ValidateBy, ValidateIf } from 'class-validator';
import { instant, type Duration, type Instant } from '../engine/kernel/clock.js';
import { compareQuantity, parseQuantity, quantityOf } from '../engine/machinery/quantity.js';

export const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
export const DNS_LABEL_LENGTH_MAX = 63;
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SERVICE = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?\/[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SERVICE_URLS_MAX = 100;
/** Ten years. */
const DURATION_MS_MAX = 10 * 365 * 24 * 3_600_000;

/** The property may be left out. Unlike class-validator's own, `null` is not the same as absent. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A DNS-1123 label, as Kubernetes names go. */
export const IsName = (): PropertyDecorator =>
  ValidateBy({
    name: 'isName',
    validator: {
      validate: (value) => typeof value === 'string' && value.length <= DNS_LABEL_LENGTH_MAX && DNS_LABEL.test(value),
      defaultMessage: () =>
        `$property must be 1 to ${DNS_LABEL_LENGTH_MAX} lower case letters, digits and -, and begin and end with a letter or digit`,
    },
  });

/** A Kubernetes quantity that is more than nothing. */
export const IsPositiveQuantity = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPositiveQuantity',
    validator: {
      validate: (value) => typeof value === 'string' && isPositiveQuantity(value),
      defaultMessage: () => '$property must be a positive Kubernetes quantity such as 8 or 32Gi',
    },
  });

/** `off`, or an object: what is in that the scheduler judges itself. */
export const IsSchedulerSetting = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSchedulerSetting',
    validator: {
      validate: (value) => value === 'off' || (typeof value === 'object' && value !== null && !Array.isArray(value)),
      defaultMessage: () => '$property must be a KubeSchedulerConfiguration, or off',
    },
  });

/** Services (`namespace/name`), each with an http or https URL. */
export const IsServiceUrls = (): PropertyDecorator =>
  ValidateBy({
    name: 'isServiceUrls',
    validator: {
      validate: (value) => isServiceUrls(value),
      defaultMessage: () =>
        `$property must have at most ${SERVICE_URLS_MAX} services such as "namespace/name", each with an http or https URL`,
    },
  });

function isServiceUrls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= SERVICE_URLS_MAX &&
    entries.every(([service, url]) => SERVICE.test(service) && typeof url === 'string' && isPlainUrl(url))
  );
}

/** Without credentials, query and fragment: path and query are the webhook's. */
function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && username === '' && search === '' && hash === '';
}

/** RFC 3339, and a day that exists. */
export const IsTimestamp = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTimestamp',
    validator: {
      validate: (value) => typeof value === 'string' && parseRfc3339(value) !== undefined,
      defaultMessage: () => '$property must be an RFC 3339 time such as 2026-01-31T12:00:00Z, from 1970 on',
    },
  });

/** A duration such as `90s` or `1h30m`. */
export const IsDuration = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDuration',
    validator: {
      validate: (value) => typeof value === 'string' && parseDuration(value) !== undefined,
      defaultMessage: () => '$property must be a positive duration such as 500ms, 90s or 1h30m, of at most ten years',
    },
  });

/** `undefined` for what is no RFC 3339 time, or one before 1970. */
export function parseRfc3339(text: string): Instant | undefined {
  const [, year, month, day, hour, minute, second] = RFC_3339.exec(text) ?? [];
  if (year === undefined) return undefined;
  // `Date` takes the 31st of any month and goes on counting: only an unchanged day is real.
  const local = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)));
  const isReal =
    local.getUTCMonth() === Number(month) - 1 &&
    local.getUTCDate() === Number(day) &&
    local.getUTCHours() === Number(hour) &&
    local.getUTCMinutes() === Number(minute) &&
    Number(second) < 60;
  const epochMs = Date.parse(text);
  return isReal && epochMs >= 0 ? instant(epochMs) : undefined;
}

/** `undefined` for what is no duration, is nothing, or is longer than ten years. */
export function parseDuration(text: string): Duration | undefined {
  if (!DURATION.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(DURATION_PART)) total += Number(amount) * (UNIT_MS[unit] ?? 0);
  const whole = Math.round(total);
  return whole >= 1 && whole <= DURATION_MS_MAX ? (whole as Duration) : undefined;
}

function isPositiveQuantity(text: string): boolean {
  const quantity = parseQuantity(text);
  return quantity !== undefined && compareQuantity(quantity, quantityOf(0)) > 0;
}
