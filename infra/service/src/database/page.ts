import { z } from 'zod';
import type { EntityClass, FilterQuery } from '@mikro-orm/postgresql';
import { AppError, parseInput } from '../errors/index.js';
import type { EntityManager } from './database.js';
import { isId } from './id.js';

/** One page of rows in the order of their ids. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  cursorOf(row: Row): string;
  /** How many rows there are on all pages. */
  count(): Promise<number>;
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

const defaultPageSize = 20;
export const maxPageSize = 100;

const firstSchema = z.number().int().min(1).max(maxPageSize);

export interface PageRequest {
  readonly limit: number;
  /** Id of the last row of the page before. */
  readonly afterId: string | undefined;
}

/** A cursor is opaque to clients: it may change its meaning, so nobody should build one. */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

/** @throws AppError `BAD_USER_INPUT` for a page size out of 1–100 or a cursor that was not ours */
export function parsePageArguments({ first, after }: PageArguments): PageRequest {
  const limit = parseInput(z.object({ first: firstSchema }), { first: first ?? defaultPageSize }).first;
  if (after === undefined || after === null) return { limit, afterId: undefined };
  const afterId = Buffer.from(after, 'base64url').toString('utf8');
  if (!isId(afterId)) throw new AppError('BAD_USER_INPUT', 'Argument after is not a cursor of this list');
  return { limit, afterId };
}

/** Opens the database for reading, as far as somebody may see it. */
export interface DatabaseReader {
  read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T>;
}

/** What every listed entity has: a UUIDv7, so that the order of ids is the order of creation. */
interface Identified {
  id: string;
}

/**
 * Reads one page by keyset: cost does not grow with the page's number, and rows that come or go do not shift pages.
 *
 * @param direction `desc` lists the newest first
 */
export async function findPage<Row extends Identified>(
  reader: DatabaseReader,
  entity: EntityClass<Row>,
  where: FilterQuery<Row>,
  pageArguments: PageArguments,
  direction: 'asc' | 'desc',
): Promise<Page<Row>> {
  const { limit, afterId } = parsePageArguments(pageArguments);
  const beyond = afterId === undefined ? {} : { id: direction === 'asc' ? { $gt: afterId } : { $lt: afterId } };
  const query: FilterQuery<Identified> = { $and: [where as FilterQuery<Identified>, beyond] };
  const rows = await reader.read(
    async (entityManager) =>
      (await entityManager.find<Identified>(entity, query, { orderBy: { id: direction }, limit: limit + 1 })) as Row[],
  );
  return {
    rows: rows.slice(0, limit),
    hasNextPage: rows.length > limit,
    hasPreviousPage: afterId !== undefined,
    cursorOf: (row) => encodeCursor(row.id),
    count: () =>
      reader.read((entityManager) => entityManager.count<Identified>(entity, where as FilterQuery<Identified>)),
  };
}
