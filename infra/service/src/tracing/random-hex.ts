import { randomFillSync } from 'node:crypto';

/** Random bytes are drawn in this portion: a call of the generator costs more than the bytes that it brings. */
const portion = Buffer.allocUnsafeSlow(4_096);
let used = portion.length;

/**
 * Random hex digits, from the cryptographic generator.
 *
 * @param byteLength at most 4,096; the text is twice as long
 */
export function randomHex(byteLength: number): string {
  if (used + byteLength > portion.length) {
    randomFillSync(portion);
    used = 0;
  }
  used += byteLength;
  return portion.toString('hex', used - byteLength, used);
}
