/** A part of a cluster that runs by itself: started once, stopped at any time, all its state rebuildable from the store. */
export interface Component {
  readonly name: string;
  start(): void;
  /** Cancels every timer and watch; what it had begun is taken up by whoever starts next. */
  stop(): void;
}
