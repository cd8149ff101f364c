/** What goes wrong while an expression runs, in cel-go's words. `&&` and `||` may swallow it. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

/** The expression has cost more than it may; nothing swallows that. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
  /** What was spent. */
  readonly cost: number;

  constructor(cost: number) {
    super('operation cancelled: actual cost limit exceeded');
    this.cost = cost;
  }
}
