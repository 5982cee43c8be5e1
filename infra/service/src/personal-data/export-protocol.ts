import { z } from 'zod';
import { subjectSchema } from './subject.js';

/**
 * Where every subgraph gives out a subject's rows, page by page: `POST` with {@link exportRequestSchema}, signed for a service.
 * The answer is JSON Lines of one table; headers say which, and where the next page begins. 204: there is nothing.
 */
export const exportRowsPath = '/personal-data/rows';

export const exportRequestSchema = z.object({ subject: subjectSchema, after: z.string().max(4_096).nullable() });

/** The table whose rows the answer holds. */
export const exportTableHeader = 'x-tessera-table';

/** Where the next page begins; absent after the last. */
export const exportNextHeader = 'x-tessera-next';

/**
 * Where every subgraph says how many rows it would give out: `POST` with {@link exportCountsRequestSchema}, signed in the same
 * way; the answer is {@link exportCountsSchema}. A service that does not know the path leaves them unknown.
 */
export const exportCountsPath = '/personal-data/counts';

export const exportCountsRequestSchema = z.object({ subject: subjectSchema });

export const exportCountsSchema = z.object({ tables: z.record(z.string(), z.number().int().nonnegative()) });
