import { sqlOf, type EntityManager, type Page } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { countFieldUsage, readFieldUsage, type FieldUsageRow } from './read-field-usage.js';

const usageSchema = z.object({
  coordinates: z.array(z.string()).min(1).max(20).nullish(),
  clientName: z.string().nullish(),
  clientVersion: z.string().nullish(),
  days: z.number().int().min(1).max(400),
  first: z.number().int().min(1).max(100).nullish(),
  after: z.string().nullish(),
});

const cursorSchema = z.tuple([z.string(), z.string(), z.string()]);
const defaultPageSize = 20;

/** Who uses which parts of the schema. */
export class FieldUsageService {
  /** @param serviceScope the database as the service itself sees it; a new one for each use */
  constructor(private readonly serviceScope: () => DataScope) {}

  /** Sums up what gateways reported, by client, version and operation. */
  async usage({ principal }: Caller, input: unknown): Promise<Page<FieldUsageRow>> {
    requireSuperAdmin(principal);
    const {
      first,
      after,
      coordinates = null,
      clientName = null,
      clientVersion = null,
      days,
    } = parseInput(usageSchema, input);
    const filter = { coordinates, clientName, clientVersion, days };
    const limit = first ?? defaultPageSize;
    const afterKey = after === null || after === undefined ? undefined : readCursor(after);
    const rows = await this.#read((entityManager) =>
      readFieldUsage(sqlOf(entityManager), filter, { limit: limit + 1, after: afterKey }),
    );
    return {
      rows: rows.slice(0, limit),
      hasNextPage: rows.length > limit,
      hasPreviousPage: afterKey !== undefined,
      cursorOf: ({ client_name, client_version, operation_key }) =>
        Buffer.from(JSON.stringify([client_name, client_version, operation_key])).toString('base64url'),
      count: () => this.#read((entityManager) => countFieldUsage(sqlOf(entityManager), filter)),
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

function readCursor(after: string): readonly string[] {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'Argument after is not a cursor of this list', { cause: error });
  }
}
