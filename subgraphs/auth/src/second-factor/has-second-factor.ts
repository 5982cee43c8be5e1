import type { RunSql } from '@tessera/service/database';

/** Whether a person has to show a second factor. */
export async function hasSecondFactor(query: RunSql, userId: string): Promise<boolean> {
  const rows = await query('select 1 from totp_factor where user_id = $1 and confirmed_at is not null', [userId]);
  return rows.length > 0;
}
