import { timingSafeEqual } from 'node:crypto';
import type { KeyedHash } from '../keys/keyed-hash.js';

/** Whose mailbox a link went to: the address until now, or the one to come. */
export type ChangeSide = 'old' | 'new';

const tokenPattern = /^([0-9a-f-]{36})\.(old|new)\.[\w-]{43}$/;

/** Links that confirm a change at one of its two addresses. Derived by a key, so nothing of them is stored. */
export class ChangeLinks {
  constructor(private readonly hash: KeyedHash) {}

  tokenFor(changeId: string, side: ChangeSide): string {
    return `${changeId}.${side}.${this.hash(changeId, `e-mail change ${side}`).toString('base64url')}`;
  }

  /** @returns undefined for a forged one */
  read(token: string): { readonly changeId: string; readonly side: ChangeSide } | undefined {
    const [, changeId = '', side] = tokenPattern.exec(token) ?? [];
    if (side !== 'old' && side !== 'new') return undefined;
    const expected = Buffer.from(this.tokenFor(changeId, side));
    const actual = Buffer.from(token);
    return expected.length === actual.length && timingSafeEqual(expected, actual) ? { changeId, side } : undefined;
  }
}
