import { randomBytes } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';
import type { KeyedHash } from '../keys/keyed-hash.js';

const codeCount = 10;
const codeLength = 12;
/** Crockford's base 32: nothing in it is mistaken for another letter. 256 is a multiple of 32, so no letter is likelier. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The form that is compared: people leave out dashes, and write small letters, O for 0, I or L for 1. */
export const normaliseRecoveryCode = (typed: string): string =>
  typed.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');

/** Ten codes of 60 random bits, as `XXXX-XXXX-XXXX`. */
export function createRecoveryCodes(): readonly string[] {
  return Array.from({ length: codeCount }, () => {
    const letters = [...randomBytes(codeLength)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
    return letters.replaceAll(/(.{4})(?=.)/g, '$1-');
  });
}

/** Recovery codes in the database: hashed, each good once. */
export class RecoveryCodes {
  constructor(private readonly hash: KeyedHash) {}

  /** Makes new codes in place of all that were. @returns them, this one time */
  async replace(query: RunSql, userId: string): Promise<readonly string[]> {
    const codes = createRecoveryCodes();
    await query('delete from recovery_code where user_id = $1', [userId]);
    await query('insert into recovery_code (user_id, code_hash) select $1, unnest($2::bytea[])', [
      userId,
      codes.map((code) => this.#hashOf(userId, code)),
    ]);
    return codes;
  }

  /** Uses a code up. @returns whether there was one that was not used */
  async use(query: RunSql, userId: string, typed: string): Promise<boolean> {
    const rows = await query(
      'update recovery_code set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null returning 1',
      [userId, this.#hashOf(userId, typed)],
    );
    return rows.length > 0;
  }

  #hashOf(userId: string, code: string): Buffer {
    return this.hash(normaliseRecoveryCode(code), `recovery code ${userId}`);
  }
}
