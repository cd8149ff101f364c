import fc from 'fast-check';
import { instant, milliseconds, seconds } from './clock.js';
import { EventLoop } from './event-loop.js';
import { Random } from './random.js';

const START = instant(Date.UTC(2026, 0, 1));
const always = () => true;
const newLoop = () => new EventLoop(START, Random.seeded(1));

describe('EventLoop', () => {
  it('fires in order of instant, then of planning', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (delays) => {
        const loop = newLoop();
        const fired: { delay: number; index: number }[] = [];
        delays.forEach((delay, index) => loop.after(milliseconds(delay), () => fired.push({ delay, index })));
        loop.run(instant(START + 100), always);
        const expected = delays
          .map((delay, index) => ({ delay, index }))
          .sort((a, b) => a.delay - b.delay || a.index - b.index);
        expect(fired).toEqual(expected);
      }),
    );
  });

  it('shows each event its own instant and ends at the limit', () => {
    const loop = newLoop();
    const seen: number[] = [];
    loop.after(seconds(2), () => seen.push(loop.now - START));
    loop.after(seconds(1), () => loop.after(seconds(3), () => seen.push(loop.now - START)));
    expect(loop.run(instant(START + 10_000), always)).toBe('done');
    expect(seen).toEqual([2_000, 4_000]);
    expect(loop.now).toBe(START + 10_000);
    expect(loop.nextDue).toBeUndefined();
  });

  it('fires nothing that was cancelled, however many were', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (cancelled) => {
        const loop = newLoop();
        const fired: number[] = [];
        const timers = cancelled.map((_, index) => loop.after(milliseconds(index % 7), () => fired.push(index)));
        cancelled.forEach((cancel, index) => cancel && timers[index]?.cancel());
        loop.run(instant(START + 10), always);
        expect(fired.toSorted((a, b) => a - b)).toEqual(cancelled.flatMap((cancel, index) => (cancel ? [] : [index])));
      }),
    );
  });

  it('stops between two events when told to, and goes on from there', () => {
    const loop = newLoop();
    const fired: number[] = [];
    for (let index = 0; index < 3; index++) loop.after(seconds(index), () => fired.push(index));
    let allowed = 2;
    expect(loop.run(instant(START + 9_000), () => allowed-- > 0)).toBe('interrupted');
    expect(fired).toEqual([0, 1]);
    expect(loop.now).toBe(START + 1_000);
    loop.run(instant(START + 9_000), always);
    expect(fired).toEqual([0, 1, 2]);
  });

  it('stays at its last event while the caller wishes to', () => {
    const loop = newLoop();
    let isFree = true;
    loop.after(seconds(1), () => (isFree = false));
    expect(loop.run(instant(START + 9_000), () => isFree)).toBe('interrupted');
    expect(loop.now).toBe(START + 1_000);
    isFree = true;
    expect(loop.run(instant(START + 9_000), () => isFree)).toBe('done');
    expect(loop.now).toBe(START + 9_000);
  });

  it('refuses to skip an event that is due', () => {
    const loop = newLoop();
    loop.after(seconds(1), () => undefined);
    expect(() => loop.skipTo(instant(START + 2_000))).toThrow('cannot skip');
  });
});
