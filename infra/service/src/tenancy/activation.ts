import { z } from 'zod';

/** Event by which auth announces that a tenant has redeemed an activation key: the tenant gets the plan, for the term. */
export const keyRedeemedEventType = 'activationKey.redeemed';

export const keyRedeemedSchema = z.object({
  keyId: z.uuid(),
  plan: z.string(),
  /** Null: for good. */
  termDays: z.number().int().positive().nullable(),
  redeemedBy: z.uuid(),
});

export type KeyRedeemed = Readonly<z.infer<typeof keyRedeemedSchema>>;
