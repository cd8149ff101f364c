import fc from 'fast-check';
import { Bag, OUTSIDE, type Bagged } from './bag.js';

class Marble implements Bagged {
  slot = OUTSIDE;
}

describe('bag', () => {
  it('holds what a set would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(19), { maxLength: 200 }), (picks) => {
        const marbles = Array.from({ length: 20 }, () => new Marble());
        const bag = new Bag<Marble>();
        const model = new Set<Marble>();
        for (const pick of picks) {
          const marble = marbles[pick]!;
          if (model.delete(marble)) bag.delete(marble);
          else {
            model.add(marble);
            bag.add(marble);
          }
          expect(bag.size).toBe(model.size);
          expect(new Set(bag)).toEqual(model);
        }
      }),
    );
  });

  it('does nothing for what is in none', () => {
    const bag = new Bag<Marble>();
    bag.add(new Marble());
    bag.delete(new Marble());
    expect(bag.size).toBe(1);
  });

  it('refuses what is in it', () => {
    const bag = new Bag<Marble>();
    const marble = new Marble();
    bag.add(marble);
    expect(() => bag.add(marble)).toThrow('what is put into a bag is in none');
  });
});
