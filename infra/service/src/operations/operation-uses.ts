import { z } from 'zod';

/** Type of the event by which gateways report which operations clients used. */
export const operationUsesEventType = 'operations.used';

/** The most lines of one report. */
export const maxUsesOfReport = 1_000;

/** How often one client in one version used one operation since the gateway's last report. */
export const operationUseSchema = z.object({
  clientName: z.string().max(64),
  clientVersion: z.string().max(64),
  /** The registered id; of what is not registered, the id that was asked for or the SHA-256 of the text. */
  operationId: z.string().max(256),
  operationName: z.string().max(200),
  isListed: z.boolean(),
  uses: z.number().int().positive(),
});

export type OperationUse = z.infer<typeof operationUseSchema>;

export const operationUsesSchema = z.object({ uses: z.array(operationUseSchema).max(maxUsesOfReport) });
