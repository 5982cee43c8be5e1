import { z } from 'zod';
import { ownClientName, type SendOperation } from '../platform-client.js';
import { fieldUsageSchema, type FieldUsage, type UsageSource } from './usage-source.js';

const pageSize = 100;

const pageSchema = z.object({
  fieldUsage: z.object({
    nodes: z.array(fieldUsageSchema),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
  }),
});

/** Reads usage page by page. @param coordinates only of who needs all of these; undefined: of everybody */
export async function readUsage(
  send: SendOperation,
  days: number,
  coordinates?: readonly string[],
): Promise<readonly FieldUsage[]> {
  const usage: FieldUsage[] = [];
  for (let after: string | null | undefined; ;) {
    const variables = { days, coordinates, first: pageSize, after };
    const { nodes, pageInfo } = pageSchema.parse(await send('FieldUsage', variables)).fieldUsage;
    usage.push(...nodes);
    if (!pageInfo.hasNextPage) return usage;
    after = pageInfo.endCursor;
  }
}

/** What the analytics of a running platform knows. */
export function createPlatformUsage(send: SendOperation, days: number): UsageSource {
  return {
    days,
    async isEmpty() {
      const { nodes } = pageSchema.parse(await send('FieldUsage', { days, first: pageSize })).fieldUsage;
      // Asking is a use as well.
      return nodes.every(({ clientName }) => clientName === ownClientName);
    },
    usersOf: (coordinates) => readUsage(send, days, coordinates),
  };
}
