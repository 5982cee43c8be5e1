import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import type { Subject } from '@tessera/service/personal-data';
import type { DataScope } from '@tessera/service/tenancy';
import { fetchRowCount, type ExportSource } from './export-client.js';
import type { ExportTotals } from './export.entity.js';

export interface CountTotalsOptions {
  readonly sources: readonly ExportSource[];
  readonly principalSecret: string;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly logger: Logger;
}

interface FileTotals {
  readonly files: number;
  readonly bytes: number;
}

/** How much there is to take out: rows of every service, and files of a tenant. */
export async function countTotals(options: CountTotalsOptions, subject: Subject): Promise<ExportTotals> {
  const { files, bytes } = await countFiles(options, subject);
  return { rows: await countRows(options, subject), files, fileBytes: bytes };
}

/** A service of another maker need not count, and nobody's export fails because a number is not known. */
async function countRows(
  { sources, principalSecret, logger }: CountTotalsOptions,
  subject: Subject,
): Promise<number | null> {
  const counts = sources.map((source) => fetchRowCount(source, principalSecret, subject));
  try {
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  } catch (error) {
    logger.warn({ err: error }, 'rows of an export could not be counted');
    return null;
  }
}

async function countFiles({ serviceScope }: CountTotalsOptions, { kind, id }: Subject): Promise<FileTotals> {
  if (kind === 'person') return { files: 0, bytes: 0 };
  const scope = serviceScope(id);
  const statement = `select count(*)::float8 as files, coalesce(sum(size_bytes), 0)::float8 as bytes from file
    where tenant_id = $1 and status = 'READY'`;
  const [found] = await scope
    .read((entityManager) => sqlOf(entityManager)<FileTotals>(statement, [id]))
    .finally(() => scope.close());
  return found ?? { files: 0, bytes: 0 };
}
