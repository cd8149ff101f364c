import type { Container, PodSpec } from '../../../machinery/api/core-v1.js';
import { goQuote } from '../../../machinery/go-text.js';

/** What a check looks at: a pod, or the template of pods. */
export interface Subject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } | undefined;
  readonly spec: PodSpec;
}

/** Why a pod is not allowed: `reason (detail)`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (subject: Subject) => Violation | undefined;

/** One rule of the Pod Security Standards. What it asks for may differ from one minor version to the next. */
export interface SecurityCheck {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** In ascending order. */
  readonly versions: readonly {
    /** The minor version of Kubernetes from which on it is this. */
    readonly since: number;
    readonly check: CheckPod;
    /** Baseline checks that it makes needless. */
    readonly overrides?: readonly string[];
  }[];
}

export const defineCheck = (check: SecurityCheck): SecurityCheck => Object.freeze(check);

export type SubjectContainer = Container;

/** Init containers, containers and ephemeral containers, in upstream's order. */
export const containersOf = ({
  initContainers = [],
  containers = [],
  ephemeralContainers = [],
}: PodSpec): readonly SubjectContainer[] => [...initContainers, ...containers, ...ephemeralContainers];

export function namesWhere(spec: PodSpec, isBad: (container: SubjectContainer) => boolean): readonly string[] {
  return containersOf(spec)
    .filter(isBad)
    .map(({ name }) => name);
}

/** `"a", "b"` */
export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

export const plural = (noun: string, list: readonly unknown[]): string => (list.length === 1 ? noun : `${noun}s`);

/** `container "a"`, `containers "a", "b"` */
export const containersText = (names: readonly string[]): string => `${plural('container', names)} ${quoted(names)}`;

/** `pod and containers "a", "b"`: who set what may not be set. Empty for nobody. */
export function settersText(isPod: boolean, names: readonly string[]): string {
  const setters = isPod ? ['pod'] : [];
  if (names.length > 0) setters.push(containersText(names));
  return setters.join(' and ');
}

export const sortedSet = (values: Iterable<string>): readonly string[] => [...new Set(values)].sort();

/** `key="value"` of an annotation. */
export const annotationText = (key: string, value: string): string => `${key}=${goQuote(value)}`;

export const isInUserNamespace = ({ hostUsers }: PodSpec): boolean => hostUsers === false;

export const isWindows = ({ os }: PodSpec): boolean => os?.name === 'windows';
