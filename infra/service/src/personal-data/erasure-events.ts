import { z } from 'zod';
import { subjectSchema } from './subject.js';

/** Event at which every subgraph erases what it knows of a subject. It cannot be taken back. */
export const erasureStartedEventType = 'erasure.started';

export const erasureStartedSchema = z.object({ erasureId: z.uuid(), subject: subjectSchema });

/** Event by which a subgraph announces that it has erased a subject. */
export const erasureCompletedEventType = 'erasure.completed';

export const erasureCompletedSchema = z.object({
  erasureId: z.uuid(),
  subgraph: z.string().min(1).max(64),
  /** By table, how many rows were deleted or made anonymous. */
  counts: z.record(z.string(), z.number().int().nonnegative()),
});

/** Event by which it is announced that a subject's data must, or need no longer, be kept as they are. */
export const legalHoldEventType = 'legalHold.changed';

export const legalHoldSchema = z.object({ subject: subjectSchema, isHeld: z.boolean() });
