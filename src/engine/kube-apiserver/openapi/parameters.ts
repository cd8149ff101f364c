/** What may be said in the path and the query of a request. Bodies are no parameters here. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'string' | 'integer' | 'boolean';
  /** The name under which version 2 keeps it once for all operations; upstream makes it from a hash of its text. */
  readonly shared: string | undefined;
}

type Type = Parameter['type'];

const query = (name: string, type: Type, hash?: string): Parameter =>
  Object.freeze({ name, in: 'query', type, shared: hash === undefined ? undefined : `${name}-${hash}` });
const inPath = (name: string, hash?: string): Parameter =>
  Object.freeze({ ...query(name, 'string', hash), in: 'path' });

export const PRETTY = query('pretty', 'string', 'tJGM1-ng');
export const NAME = inPath('name');
export const NAMESPACE = inPath('namespace', 'vgWSWtn3');
export const REST_OF_PATH = inPath('path', 'z6Ciiujn');

const LABELS_AND_PAGES: readonly Parameter[] = [
  query('continue', 'string', 'QfD61s0i'),
  query('fieldSelector', 'string', 'xIcQKXFG'),
  query('labelSelector', 'string', '5Zw57w4C'),
  query('limit', 'integer', '1NfNmdNH'),
  query('resourceVersion', 'string', '5WAnf1kx'),
  query('resourceVersionMatch', 'string', 't8XhRHeC'),
  query('sendInitialEvents', 'boolean', 'rLXlEK_k'),
  query('timeoutSeconds', 'integer', 'yvYezaOC'),
];
export const LIST: readonly Parameter[] = [
  ...LABELS_AND_PAGES,
  query('allowWatchBookmarks', 'boolean', 'HC2hJt-J'),
  query('watch', 'boolean', 'XNNPZGbK'),
];

const DRY_RUN = query('dryRun', 'string');
const FIELD_VALIDATION = query('fieldValidation', 'string');
export const WRITE: readonly Parameter[] = [DRY_RUN, query('fieldManager', 'string', 'Qy4HdaTW'), FIELD_VALIDATION];
export const PATCHES: readonly Parameter[] = [
  DRY_RUN,
  query('fieldManager', 'string', '7c6nTn1T'),
  FIELD_VALIDATION,
  query('force', 'boolean', 'tOGGb0Yi'),
];

export const DELETE: readonly Parameter[] = [
  DRY_RUN,
  query('gracePeriodSeconds', 'integer', '-K5HaBOS'),
  query('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'QbNkfIqj'),
  query('orphanDependents', 'boolean', 'uRB25kX5'),
  query('propagationPolicy', 'string', '6jk3prlO'),
];
export const DELETE_COLLECTION: readonly Parameter[] = [...DELETE, ...LABELS_AND_PAGES];

export const LOG: readonly Parameter[] = [
  query('container', 'string', '1GeXxFDC'),
  query('follow', 'boolean', '9OIXh_2R'),
  query('insecureSkipTLSVerifyBackend', 'boolean', 'gM00jVbe'),
  query('limitBytes', 'integer', 'zwd1RXuc'),
  query('previous', 'boolean', '1jxDPu3y'),
  query('sinceSeconds', 'integer', 'vE2NLdnP'),
  query('stream', 'string', 'l-48cgXv'),
  query('tailLines', 'integer', '9xQLWHMV'),
  query('timestamps', 'boolean', 'c17fW1w_'),
];

/** By the kind of options that a connection takes. */
export const CONNECT: Readonly<Record<string, readonly Parameter[]>> = {
  PodAttachOptions: [
    query('container', 'string', '_Q-EJ3nR'),
    query('stderr', 'boolean', '26jJhFUR'),
    query('stdin', 'boolean', 'sEFnN3IS'),
    query('stdout', 'boolean', '005YMKE6'),
    query('tty', 'boolean', 'g7MlET_l'),
  ],
  PodExecOptions: [
    query('command', 'string', 'Py3eQybp'),
    query('container', 'string', 'i5dOmRiM'),
    query('stderr', 'boolean', 'W_1TNlWc'),
    query('stdin', 'boolean', 'PSzNhyUC'),
    query('stdout', 'boolean', '-EZLRwV1'),
    query('tty', 'boolean', 's0flW37O'),
  ],
  PodPortForwardOptions: [query('ports', 'integer', '91KROJmm')],
  PodProxyOptions: [query('path', 'string', 'oPbzgLUj')],
  ServiceProxyOptions: [query('path', 'string', 'QCf0eosM')],
  NodeProxyOptions: [query('path', 'string', 'rFDtV0x9')],
};
