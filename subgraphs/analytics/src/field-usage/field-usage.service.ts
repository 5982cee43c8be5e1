import { sqlOf, type Page } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { readReportPage, reportPageFields } from '../report-page.js';
import { countFieldUsage, readFieldUsage, type FieldUsageRow } from './read-field-usage.js';

const usageSchema = z.object({
  coordinates: z.array(z.string()).min(1).max(20).nullish(),
  clientName: z.string().nullish(),
  clientVersion: z.string().nullish(),
  days: z.number().int().min(1).max(400),
  ...reportPageFields,
});

/** Who uses which parts of the schema. */
export class FieldUsageService {
  /** @param serviceScope the database as the service itself sees it; a new one for each use */
  constructor(private readonly serviceScope: () => DataScope) {}

  /** Sums up what gateways reported, by client, version and operation. */
  async usage({ principal }: Caller, input: unknown): Promise<Page<FieldUsageRow>> {
    requireSuperAdmin(principal);
    const {
      coordinates = null,
      clientName = null,
      clientVersion = null,
      days,
      ...page
    } = parseInput(usageSchema, input);
    const filter = { coordinates, clientName, clientVersion, days };
    return await readReportPage(
      this.serviceScope,
      {
        keyLength: 3,
        keyOf: ({ client_name, client_version, operation_key }) => [client_name, client_version, operation_key],
        read: (entityManager, window) => readFieldUsage(sqlOf(entityManager), filter, window),
        count: (entityManager) => countFieldUsage(sqlOf(entityManager), filter),
      },
      page,
    );
  }
}
