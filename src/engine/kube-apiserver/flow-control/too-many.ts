import { type Answers, withHeader } from '../answers.js';
import type { WireResponse } from '../wire.js';
import type { Turn } from './turn.js';

/** Who finds no seat in time. */
export const tooMany = (answers: Answers, { flow }: Turn): WireResponse =>
  withHeader(
    answers.text(429, 'Too many requests, please try again later.\n'),
    'retry-after',
    String(flow.level.drops.retryAfter),
  );
