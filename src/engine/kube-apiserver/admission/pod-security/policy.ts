import { invalid, type FieldError } from '../../../machinery/field-error.js';

const LABEL_PREFIX = 'pod-security.kubernetes.io/';
const LEVELS = ['privileged', 'baseline', 'restricted'] as const;
const VERSION = /^v1\.([0-9]|[1-9][0-9]*)$/;

export type SecurityLevel = (typeof LEVELS)[number];

export interface LevelVersion {
  readonly level: SecurityLevel;
  /** As labels have it: `latest`, or `v1.` and a minor version. */
  readonly version: string;
}

/** What a namespace asks of its pods. */
export interface SecurityPolicy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

const OPEN: LevelVersion = Object.freeze({ level: 'privileged', version: 'latest' });

const UNASKED = Object.freeze({
  policy: Object.freeze({ enforce: OPEN, audit: OPEN, warn: OPEN }),
  errors: Object.freeze([]),
});

export const levelVersionText = ({ level, version }: LevelVersion): string => `${level}:${version}`;

export const strictness = (level: SecurityLevel): number => LEVELS.indexOf(level);

export const isSameLevelVersion = (a: LevelVersion, b: LevelVersion): boolean =>
  a.level === b.level && a.version === b.version;

/** Reads a namespace's labels. What cannot be read counts as the strictest to enforce and as nothing to warn of. */
export function policyOf(labels: Readonly<Record<string, string>> = {}): {
  readonly policy: SecurityPolicy;
  readonly errors: readonly FieldError[];
} {
  if (!isAsked(labels)) return UNASKED;
  const errors: FieldError[] = [];
  const enforce = readMode(labels, 'enforce', 'restricted', errors);
  const audit = readMode(labels, 'audit', 'privileged', errors);
  let warn = readMode(labels, 'warn', 'privileged', errors);
  const isEnforceReadable = LEVELS.some((level) => level === labels[`${LABEL_PREFIX}enforce`]);
  if (labels[`${LABEL_PREFIX}warn`] === undefined && isEnforceReadable) {
    if (strictness(enforce.level) > strictness(warn.level)) {
      const hasVersion = labels[`${LABEL_PREFIX}warn-version`] !== undefined;
      warn = { level: enforce.level, version: hasVersion ? warn.version : enforce.version };
    }
  }
  return { policy: { enforce, audit, warn }, errors };
}

/** Whether any label is about pod security at all. */
function isAsked(labels: Readonly<Record<string, string>>): boolean {
  for (const key in labels) if (key.startsWith(LABEL_PREFIX)) return true;
  return false;
}

function readMode(
  labels: Readonly<Record<string, string>>,
  mode: string,
  unreadable: SecurityLevel,
  errors: FieldError[],
): LevelVersion {
  const levelKey = `${LABEL_PREFIX}${mode}`;
  const [levelText, versionText] = [labels[levelKey], labels[`${levelKey}-version`]];
  let { level, version } = OPEN;
  if (levelText !== undefined) {
    const found = LEVELS.find((each) => each === levelText);
    if (found === undefined) {
      errors.push(invalid(`metadata.labels[${levelKey}]`, levelText, `must be one of ${LEVELS.join(', ')}`));
    }
    level = found ?? unreadable;
  }
  if (versionText !== undefined) {
    const isReadable = versionText === 'latest' || VERSION.test(versionText);
    if (isReadable) version = versionText;
    else errors.push(invalid(`metadata.labels[${levelKey}-version]`, versionText, 'must be "latest" or "v1.x"'));
  }
  return { level, version };
}
