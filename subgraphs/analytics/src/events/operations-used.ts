import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import { operationUsesEventType, operationUsesSchema } from '@tessera/service/operations';
import type { EventHandler } from '@tessera/service/subgraph';
import { recordOperationUses } from '../operations/operation-use-store.js';

/** Takes in gateways' reports of which operations clients used. */
export function createOperationUsesHandler({ logger }: { readonly logger: Logger }): EventHandler {
  return {
    types: [operationUsesEventType],
    handle: async (event, entityManager) => {
      const report = operationUsesSchema.safeParse(event.payload);
      // Delivering a broken report again would not mend it.
      if (report.success) await recordOperationUses(sqlOf(entityManager), report.data.uses);
      else logger.error({ eventId: event.id, err: report.error }, 'report of used operations is not valid');
    },
  };
}
