import { timingSafeEqual } from 'node:crypto';
import type { KeyedHashes } from '../keys/keyed-hash.js';

/** Whose mailbox a link went to: the address until now, or the one to come. */
export type ChangeSide = 'old' | 'new';

const tokenPattern = /^([0-9a-f-]{36})\.(old|new)\.[\w-]{43}$/;

/** Links that confirm a change at one of its two addresses. Derived by a key, so nothing of them is stored. */
export class ChangeLinks {
  constructor(private readonly hashes: KeyedHashes) {}

  tokenFor(changeId: string, side: ChangeSide, hash = this.hashes[0]): string {
    return `${changeId}.${side}.${hash(changeId, `e-mail change ${side}`).toString('base64url')}`;
  }

  /** @returns undefined for a forged one */
  read(token: string): { readonly changeId: string; readonly side: ChangeSide } | undefined {
    const [, changeId = '', side] = tokenPattern.exec(token) ?? [];
    if (side !== 'old' && side !== 'new') return undefined;
    const actual = Buffer.from(token);
    const isOurs = this.hashes.some((hash) => {
      const expected = Buffer.from(this.tokenFor(changeId, side, hash));
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    });
    return isOurs ? { changeId, side } : undefined;
  }
}
