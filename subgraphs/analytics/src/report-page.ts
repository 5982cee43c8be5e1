import type { EntityManager, Page } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';

/** The page of a report that is asked for. */
export const reportPageFields = {
  first: z.number().int().min(1).max(100).nullish(),
  after: z.string().nullish(),
};

/** Where a page of a report begins, and how many rows are read: one more than are told, to know whether there are more. */
export interface ReportWindow {
  readonly limit: number;
  /** The key of the row before. */
  readonly after: readonly string[] | undefined;
}

/** A report that is summed up when it is asked for. Its rows have no ids: what they are summed up by is their key. */
export interface Report<Row> {
  /** Of how many texts a key is made. */
  readonly keyLength: number;
  readonly keyOf: (row: Row) => readonly string[];
  readonly read: (entityManager: EntityManager, window: ReportWindow) => Promise<readonly Row[]>;
  readonly count: (entityManager: EntityManager) => Promise<number>;
}

const defaultPageSize = 20;

/**
 * Reads a page of a report.
 *
 * @param serviceScope the database as the service itself sees it; a new one for each use
 * @throws AppError `BAD_USER_INPUT` for a cursor that is none of this report
 */
export async function readReportPage<Row>(
  serviceScope: () => DataScope,
  report: Report<Row>,
  { first, after }: z.infer<z.ZodObject<typeof reportPageFields>>,
): Promise<Page<Row>> {
  const read = async <Result>(work: (entityManager: EntityManager) => Promise<Result>): Promise<Result> => {
    const scope = serviceScope();
    try {
      return await scope.read(work);
    } finally {
      scope.close();
    }
  };
  const limit = first ?? defaultPageSize;
  const afterKey = after == null ? undefined : readCursor(after, report.keyLength);
  const rows = await read((entityManager) => report.read(entityManager, { limit: limit + 1, after: afterKey }));
  return {
    rows: rows.slice(0, limit),
    hasNextPage: rows.length > limit,
    hasPreviousPage: afterKey !== undefined,
    cursorOf: (row) => Buffer.from(JSON.stringify(report.keyOf(row))).toString('base64url'),
    count: () => read(report.count),
  };
}

function readCursor(after: string, keyLength: number): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    return z.array(z.string()).length(keyLength).parse(key);
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'Argument after is not a cursor of this list', { cause: error });
  }
}
