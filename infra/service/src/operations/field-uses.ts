import { z } from 'zod';

/** Type of the event by which gateways report which fields clients used. */
export const fieldUsesEventType = 'fields.used';

/** The most lines of one report. */
export const maxLinesOfFieldReport = 500;

/** The most coordinates of one operation, which is the most that a schema may have. */
const maxCoordinatesOfOperation = 100_000;

/** The name, version, operation and key of what is counted together, because there is too much of it. */
export const otherUses = 'other';

/** Which parts of the schema one operation needs. It is told once, and again from time to time. */
export const usedOperationSchema = z.object({
  /** Made of all the rest, so one key never means two things; `other` grows with each report. */
  key: z.string().min(1).max(64),
  /** SHA-256 of the text, hex. */
  operationId: z.string().max(64),
  operationName: z.string().max(200),
  /** Schema coordinates (`Type.field`, `Type.field(argument:)`, `Enum.VALUE`, `@directive`, `Type`). */
  coordinates: z.array(z.string().max(1_000)).max(maxCoordinatesOfOperation),
});

export type UsedOperation = z.infer<typeof usedOperationSchema>;

/** How often one client in one version used one operation since the gateway's last report. */
export const fieldUseSchema = z.object({
  key: z.string().min(1).max(64),
  clientName: z.string().max(64),
  clientVersion: z.string().max(64),
  uses: z.number().int().positive(),
});

export type FieldUse = z.infer<typeof fieldUseSchema>;

/** One report. An operation that a use names by its key may be in an earlier or a later one. */
export const fieldUsesSchema = z.object({
  operations: z.array(usedOperationSchema).max(maxLinesOfFieldReport),
  uses: z.array(fieldUseSchema).max(maxLinesOfFieldReport),
});

export type FieldUses = z.infer<typeof fieldUsesSchema>;
