import { NAME, type Parameter, PRETTY } from './parameters.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options' | 'head';
export type ResourceAction = 'get' | 'list' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection';

/** One thing that can be asked of one path, before a dialect writes it down. */
export interface Operation {
  readonly method: Method;
  readonly action: ResourceAction | 'watch' | 'watchlist' | 'connect' | undefined;
  readonly id: string;
  readonly tag: string;
  readonly about: GroupVersionKind | undefined;
  /** A Go type. */
  readonly body: string | undefined;
  /** A Go type; `undefined` where the answer is text. */
  readonly answer: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly statuses: readonly number[];
  /** `undefined` where nothing is told of it. */
  readonly consumes: readonly string[] | undefined;
  readonly produces: readonly string[];
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Path {
  readonly path: string;
  readonly operations: readonly Operation[];
}

const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
export const PATCH = `${META}.Patch`;
export const DELETE_OPTIONS = `${META}.DeleteOptions`;
export const STATUS = `${META}.Status`;
export const WATCH_EVENT = `${META}.WatchEvent`;

export const ANY_TYPE: readonly string[] = ['*/*'];
export const OBJECT_TYPES: readonly string[] = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
];
export const STREAM_TYPES: readonly string[] = [
  ...OBJECT_TYPES,
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf;stream=watch',
];
export const PATCH_TYPES: readonly string[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** `CoreV1`, `AppsV1`, `RbacAuthorizationV1` */
export const idPart = (group: string, version: string): string => capitalised([...groupWords(group), version]);

/** `core_v1`, `rbacAuthorization_v1`; without a version that of the group */
export function tagOf(group: string, version?: string): string {
  const [first = '', ...rest] = groupWords(group);
  const tag = first + capitalised(rest);
  return version === undefined ? tag : `${tag}_${version}`;
}

export const capitalised = (words: readonly string[]): string =>
  words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');

const groupWords = (group: string): readonly string[] =>
  group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split('.');

/** The parameters of a path's operations as documents have them: what all of them take is said once, of the path. */
export function parametersOf({ operations }: Path): {
  readonly common: readonly Parameter[];
  own(operation: Operation): readonly Parameter[];
} {
  const [first, ...others] = operations;
  const common = new Set(first?.parameters.filter((each) => others.every((other) => other.parameters.includes(each))));
  return {
    common: [...common].sort(byName),
    own: ({ parameters }) => parameters.filter((each) => !common.has(each)).sort(byName),
  };
}

const byName = (a: Parameter, b: Parameter): number => {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.in < b.in ? -1 : 1;
};

export const onObject = (namespace: readonly Parameter[], more: readonly Parameter[] = []): readonly Parameter[] => [
  NAME,
  ...namespace,
  PRETTY,
  ...more,
];
