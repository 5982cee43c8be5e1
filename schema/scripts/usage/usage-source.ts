import { z } from 'zod';

/** How often one version of a client ran one operation, and what of the schema that needs. */
export const fieldUsageSchema = z.object({
  clientName: z.string(),
  clientVersion: z.string(),
  operationId: z.string(),
  operationName: z.string(),
  coordinates: z.array(z.string()),
  uses: z.number(),
  lastUsedAt: z.iso.datetime(),
});

export type FieldUsage = z.infer<typeof fieldUsageSchema>;

/** Who knows who uses what. */
export interface UsageSource {
  /** Days that it looks back. */
  readonly days: number;
  /** Whether nothing is known at all, which says nothing about who uses what. */
  isEmpty(): Promise<boolean>;
  /** Who needs all of these schema coordinates. */
  usersOf(coordinates: readonly string[]): Promise<readonly FieldUsage[]>;
}
