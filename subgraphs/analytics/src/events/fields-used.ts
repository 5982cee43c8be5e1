import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import { fieldUsesEventType, fieldUsesSchema } from '@tessera/service/operations';
import type { EventHandler } from '@tessera/service/subgraph';
import { recordFieldUses } from '../field-usage/record-field-uses.js';

export interface FieldUsesHandlerOptions {
  readonly logger: Logger;
  readonly config: {
    readonly FIELD_USAGE_DAYS: number;
    readonly FIELD_USAGE_MAX_OPERATIONS: number;
    readonly FIELD_USAGE_MAX_DAILY_ROWS: number;
  };
}

/** Takes in gateways' reports of which fields clients used. */
export function createFieldUsesHandler({ logger, config }: FieldUsesHandlerOptions): EventHandler {
  const bounds = {
    retentionDays: config.FIELD_USAGE_DAYS,
    maxOperations: config.FIELD_USAGE_MAX_OPERATIONS,
    maxRowsOfDay: config.FIELD_USAGE_MAX_DAILY_ROWS,
  };
  return {
    types: [fieldUsesEventType],
    handle: async (event, entityManager) => {
      const report = fieldUsesSchema.safeParse(event.payload);
      // Delivering a broken report again would not mend it.
      if (report.success) {
        await recordFieldUses(sqlOf(entityManager), report.data, new Date(event.occurredAt), bounds);
      } else {
        logger.error({ eventId: event.id, err: report.error }, 'report of used fields is not valid');
      }
    },
  };
}
