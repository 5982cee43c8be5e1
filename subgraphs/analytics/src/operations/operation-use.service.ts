import { sqlOf, type Page } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { readReportPage, reportPageFields } from '../report-page.js';
import { countOperationUsage, readOperationUsage, type OperationUsageRow } from './operation-use-store.js';

const usageSchema = z.object({
  clientName: z.string().nullish(),
  clientVersion: z.string().nullish(),
  isListed: z.boolean().nullish(),
  days: z.number().int().min(1).max(400),
  ...reportPageFields,
});

/** Who uses which operations. */
export class OperationUseService {
  /** @param serviceScope the database as the service itself sees it; a new one for each use */
  constructor(private readonly serviceScope: () => DataScope) {}

  /** Sums up what gateways reported, by client, version and operation. */
  async usage({ principal }: Caller, input: unknown): Promise<Page<OperationUsageRow>> {
    requireSuperAdmin(principal);
    const { clientName = null, clientVersion = null, isListed = null, days, ...page } = parseInput(usageSchema, input);
    const filter = { clientName, clientVersion, isListed, days };
    return await readReportPage(
      this.serviceScope,
      {
        keyLength: 4,
        keyOf: ({ client_name, client_version, operation_id, is_listed }) => [
          client_name,
          client_version,
          operation_id,
          String(is_listed),
        ],
        read: (entityManager, window) => readOperationUsage(sqlOf(entityManager), filter, window),
        count: (entityManager) => countOperationUsage(sqlOf(entityManager), filter),
      },
      page,
    );
  }
}
