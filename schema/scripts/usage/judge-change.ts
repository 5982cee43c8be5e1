import type { Change } from '@graphql-inspector/core';
import { affectedCoordinates, type SchemaPair } from './affected-coordinates.js';
import type { FieldUsage, UsageSource } from './usage-source.js';

/** What is said about one breaking change. */
export interface Judgement {
  readonly isSafe: boolean;
  /** A line for each client that would break, or one that says why nobody would. */
  readonly notes: readonly string[];
}

/** Clients that are named of one change. */
const maxNamed = 20;
const maxNamedOperations = 5;

/** Says who would break. */
export async function judgeChange(change: Change, schemas: SchemaPair, usage: UsageSource): Promise<Judgement> {
  const coordinates = affectedCoordinates(change, schemas);
  if (coordinates === undefined) return { isSafe: false, notes: ['whom it breaks cannot be told from usage'] };
  const users = await usage.usersOf(coordinates);
  if (users.length === 0) return { isSafe: true, notes: [`nobody has used it in the last ${usage.days} days`] };
  const byClient = Map.groupBy(users, ({ clientName, clientVersion }) => `${clientName} ${clientVersion}`);
  const lines = [...byClient]
    .map(([client, uses]) => ({ client, uses, total: total(uses) }))
    .sort((left, right) => right.total - left.total)
    .map(({ client, uses, total: times }) => `${client}: ${times} uses, last ${lastUse(uses)} (${operationsOf(uses)})`);
  const beyond = lines.length - maxNamed;
  return {
    isSafe: false,
    notes: beyond > 0 ? [...lines.slice(0, maxNamed), `and ${beyond} more versions of clients`] : lines,
  };
}

const total = (uses: readonly FieldUsage[]): number => uses.reduce((sum, use) => sum + use.uses, 0);

/** The day is what is of interest, and the same in all time zones that a pipeline may run in. */
const lastUse = (uses: readonly FieldUsage[]): string =>
  uses
    .map(({ lastUsedAt }) => lastUsedAt.slice(0, 10))
    .sort()
    .at(-1) ?? 'unknown';

function operationsOf(uses: readonly FieldUsage[]): string {
  const names = [
    ...new Set(
      uses.map(({ operationName, operationId }) =>
        operationName === 'anonymous' ? `anonymous ${operationId.slice(0, 8)}` : operationName,
      ),
    ),
  ].sort();
  const beyond = names.length - maxNamedOperations;
  return beyond > 0 ? `${names.slice(0, maxNamedOperations).join(', ')} and ${beyond} more` : names.join(', ');
}
