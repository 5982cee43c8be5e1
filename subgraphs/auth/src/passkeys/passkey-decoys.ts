import type { RunSql } from '@tessera/service/database';
import type { KeyedHash } from '../keys/keyed-hash.js';

/** How many people have passkeys of these lengths, in the order in which they were added. */
interface Shape {
  /** Of ids, in characters. */
  readonly lengths: readonly number[];
  readonly count: number;
}

const imitatedForMs = 60 * 60 * 1_000;
/** So many people tell well enough what all are like. */
const sampleSize = 2_000;
const addressSpace = 2 ** 32;
/** Where nobody has a passkey: one of 32 bytes. */
const usualShape: Shape = { lengths: [43], count: 1 };

/**
 * Ids of passkeys that nobody has, for addresses without any (WebAuthn Level 3, 14.6.2). They are as many and as long as those of
 * people who have some, in the same shares, and an address always has the same: authenticators make ids of their own lengths, so
 * that one length for all would set apart who has an account.
 */
export class PasskeyDecoys {
  #shapes: readonly Shape[] = [];
  #readAtMs = -Infinity;

  constructor(
    private readonly keyedHash: KeyedHash,
    private readonly now: () => number = Date.now,
  ) {}

  async of(query: RunSql, email: string): Promise<readonly { readonly id: string }[]> {
    if (this.now() - this.#readAtMs >= imitatedForMs) {
      this.#shapes = await readShapes(query);
      this.#readAtMs = this.now();
    }
    return this.#shapeOf(email).lengths.map((length, index) => ({ id: this.#idOf(email, index, length) }));
  }

  #shapeOf(email: string): Shape {
    const all = this.#shapes.reduce((sum, { count }) => sum + count, 0);
    let left = (this.keyedHash(email, 'passkeys of nobody').readUInt32BE(0) / addressSpace) * all;
    return this.#shapes.find(({ count }) => (left -= count) < 0) ?? usualShape;
  }

  #idOf(email: string, index: number, length: number): string {
    const blocks = Array.from({ length: Math.ceil(length / 43) }, (_, block) =>
      this.keyedHash(JSON.stringify([email, index, block]), 'passkey of nobody'),
    );
    return Buffer.concat(blocks)
      .subarray(0, Math.floor((length * 3) / 4))
      .toString('base64url');
  }
}

/** Of those who were the last to add one. */
async function readShapes(query: RunSql): Promise<readonly Shape[]> {
  return query<Shape>(
    `select lengths, count(*)::int as count from (
       select array_agg(length(credential_id) order by id) as lengths from passkey
       where user_id in (select user_id from passkey order by id desc limit $1) group by user_id
     ) as people group by lengths order by lengths`,
    [sampleSize],
  );
}
