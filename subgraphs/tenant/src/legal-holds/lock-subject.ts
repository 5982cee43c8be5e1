import type { RunSql } from '@tessera/service/database';
import type { Subject } from '@tessera/service/personal-data';

/** Lets a hold and the beginning of an erasure happen one after the other, to the end of the transaction: one of them sees the other. */
export async function lockSubject(query: RunSql, { kind, id }: Subject): Promise<void> {
  await query('select pg_advisory_xact_lock(hashtextextended($1, 2))', [`${kind} ${id}`]);
}
