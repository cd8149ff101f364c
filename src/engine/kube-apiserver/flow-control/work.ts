/** How much of a level a request takes, as it was estimated before it began. */
export interface Work {
  /** While it is executed. */
  readonly initialSeats: number;
  /** While its events are told to watches, after its answer. */
  readonly finalSeats: number;
  /** How long the final seats are kept, in milliseconds; 0 for not at all. */
  readonly additionalLatency: number;
}

/** What every request is guessed to take, in milliseconds; corrected when it is known. */
export const SERVICE_GUESS_MS = 3;

export const ONE_SEAT: Work = Object.freeze({ initialSeats: 1, finalSeats: 0, additionalLatency: 0 });

/** What is kept for it from its beginning to the end of the additional latency. */
export const maxSeatsOf = ({ initialSeats, finalSeats }: Work): number => Math.max(initialSeats, finalSeats);

/** In seat-milliseconds. */
export const finalWorkOf = ({ finalSeats, additionalLatency }: Work): number => finalSeats * additionalLatency;

/** In seat-milliseconds. */
export const totalWorkOf = (work: Work): number => work.initialSeats * SERVICE_GUESS_MS + finalWorkOf(work);
