/** Which few of a level's queues a flow may use: so that a flow which fills its own leaves others theirs. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

const HASH_BYTES = 8;
const BYTE_BITS = 8n;

/** The entropy of one flow: the first 64 bits of upstream's hash, least significant byte first. */
export function flowHash(schemaName: string, distinguisher: string, text: TextCodec): bigint {
  const digest = sha256(text.encode(`${schemaName}\0${distinguisher}`));
  let hash = 0n;
  for (let at = HASH_BYTES - 1; at >= 0; at--) hash = (hash << BYTE_BITS) | BigInt(digest[at]!);
  return hash;
}

/** Deals `handSize` different cards of a deck that is numbered from 0. The same hash gives the same hand. */
export function dealHand(hash: bigint, deckSize: number, handSize: number): readonly number[] {
  const drawn: number[] = [];
  let rest = hash;
  for (let count = 0; count < handSize; count++) {
    const left = BigInt(deckSize - count);
    drawn.push(Number(rest % left));
    rest /= left;
  }
  // Each number counts the cards that are still there: those dealt before are passed over, the latest first.
  return drawn.map((position, at) => {
    let card = position;
    for (let before = at - 1; before >= 0; before--) if (card >= drawn[before]!) card++;
    return card;
  });
}
