/** What profiles are made from: the part of upstream's `KubeSchedulerConfiguration` (v1) that a simulation has use for. */
export interface SchedulerConfiguration {
  readonly profiles?: readonly ProfileConfiguration[];
  /** In percent; 0 lets the scheduler choose by the size of the cluster. */
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
}

export interface ProfileConfiguration {
  /** The pods that name it are scheduled by this profile. */
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Readonly<Partial<Record<ExtensionPoint, PluginSet>>>;
  readonly pluginConfig?: readonly { readonly name: string; readonly args?: unknown }[];
}

/** `preFilter` and `filter` are one here, and `preScore` means nothing; the first four have only what they have by default. */
export type ExtensionPoint =
  | 'queueSort'
  | 'permit'
  | 'bind'
  | 'postBind'
  | 'multiPoint'
  | 'preEnqueue'
  | 'preFilter'
  | 'filter'
  | 'postFilter'
  | 'preScore'
  | 'score'
  | 'reserve'
  | 'preBind';

export interface PluginSet {
  readonly enabled?: readonly PluginChoice[];
  /** `*` for all that is enabled by default. */
  readonly disabled?: readonly { readonly name: string }[];
}

export interface PluginChoice {
  readonly name: string;
  /** 1 where it is not given or 0, whatever the default profile has. */
  readonly weight?: number;
}
