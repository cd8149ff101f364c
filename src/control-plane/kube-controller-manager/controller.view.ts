import { ApiProperty } from '@nestjs/swagger';

export class WorkQueueView {
  @ApiProperty({ description: 'Keys that are ready to be worked on.' })
  readonly depth!: number;

  @ApiProperty({ description: 'Keys that come later: after a failure, or because something is due then.' })
  readonly delayed!: number;

  @ApiProperty()
  readonly adds!: number;

  @ApiProperty()
  readonly retries!: number;
}

export class ControlLoopView {
  @ApiProperty({ description: 'What its events come from.' })
  readonly name!: string;

  @ApiProperty({ type: WorkQueueView })
  readonly queue!: WorkQueueView;

  @ApiProperty()
  readonly reconciles!: number;

  @ApiProperty({ description: 'Reconciles that failed and were tried again.' })
  readonly failures!: number;

  @ApiProperty({ required: false, description: 'The message of the last failure.' })
  readonly lastError?: string;
}

/** A controller of kube-controller-manager, and what it has done since the manager started last. */
export class ControllerView {
  @ApiProperty({ description: 'As --controllers calls it.' })
  readonly name!: string;

  @ApiProperty()
  readonly enabled!: boolean;

  @ApiProperty({ type: [ControlLoopView], description: 'What it is made up of; empty while it is off.' })
  readonly loops!: readonly ControlLoopView[];
}

interface Report {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly loops: readonly (Omit<ControlLoopView, 'lastError'> & { readonly lastError: string | undefined })[];
}

export const controllerView = ({ name, isEnabled, loops }: Report): ControllerView => ({
  name,
  enabled: isEnabled,
  loops: loops.map(({ lastError, ...figures }) => ({ ...figures, ...(lastError === undefined ? {} : { lastError }) })),
});
