import { sqlOf, type EntityManager, type Page } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { countOperationUsage, readOperationUsage, type OperationUsageRow } from './operation-use-store.js';

const usageSchema = z.object({
  clientName: z.string().nullish(),
  clientVersion: z.string().nullish(),
  isListed: z.boolean().nullish(),
  days: z.number().int().min(1).max(400),
  first: z.number().int().min(1).max(100).nullish(),
  after: z.string().nullish(),
});

const cursorSchema = z.tuple([z.string(), z.string(), z.string(), z.string()]);
const defaultPageSize = 20;

/** Who uses which operations. */
export class OperationUseService {
  /** @param serviceScope the database as the service itself sees it; a new one for each use */
  constructor(private readonly serviceScope: () => DataScope) {}

  /** Sums up what gateways reported, by client, version and operation. */
  async usage({ principal }: Caller, input: unknown): Promise<Page<OperationUsageRow>> {
    requireSuperAdmin(principal);
    const {
      first,
      after,
      clientName = null,
      clientVersion = null,
      isListed = null,
      days,
    } = parseInput(usageSchema, input);
    const filter = { clientName, clientVersion, isListed, days };
    const limit = first ?? defaultPageSize;
    const afterKey = after === null || after === undefined ? undefined : readCursor(after);
    const rows = await this.#read((entityManager) =>
      readOperationUsage(sqlOf(entityManager), filter, { limit: limit + 1, after: afterKey }),
    );
    return {
      rows: rows.slice(0, limit),
      hasNextPage: rows.length > limit,
      hasPreviousPage: afterKey !== undefined,
      cursorOf: ({ client_name, client_version, operation_id, is_listed }) =>
        writeCursor([client_name, client_version, operation_id, String(is_listed)]),
      count: () => this.#read((entityManager) => countOperationUsage(sqlOf(entityManager), filter)),
    };
  }

  async #read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    const scope = this.serviceScope();
    try {
      return await scope.read(work);
    } finally {
      scope.close();
    }
  }
}

const writeCursor = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function readCursor(after: string): readonly string[] {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'Argument after is not a cursor of this list', { cause: error });
  }
}
