import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.js';
import type { GraphqlAnswer, SubgraphHarness } from './subgraph-harness.js';
import type { Principal } from '@tessera/service/identity';

/** What an operation is answered with, and what that cost, ids aside. */
interface Work {
  readonly answer: GraphqlAnswer;
  readonly statements: readonly string[];
}

const anyUuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const withoutIds = <Value>(value: Value): Value =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (key === 'requestId' ? undefined : part)).replaceAll(anyUuid, '<id>'),
  ) as Value;

/**
 * Sends an operation with an id of another tenant and with an id of nothing: by what it is answered and by what it asks the
 * database, and so by its time, nobody may tell one from the other. What the service does by itself runs in between: it is
 * asked again until neither was disturbed.
 *
 * @returns the answer to both
 * @throws Error where they always differ
 */
export async function answerAlike(
  harness: Pick<SubgraphHarness, 'request' | 'queries' | 'forgetQueries'>,
  caller: Principal,
  query: string,
  theirs: string,
): Promise<GraphqlAnswer> {
  const workFor = async (id: string): Promise<Work> => {
    harness.forgetQueries();
    const answer = await harness.request(caller, query, { id });
    return withoutIds({ answer, statements: [...harness.queries] });
  };
  let [forTheirs, forNobodys]: readonly [Work, Work] = [await workFor(theirs), await workFor(randomUUID())];
  await eventually(async () => {
    if (JSON.stringify(forTheirs) === JSON.stringify(forNobodys)) return true;
    [forTheirs, forNobodys] = [await workFor(theirs), await workFor(randomUUID())];
    return false;
  }).catch((error: unknown) => {
    throw new Error(`${query}: ${JSON.stringify(forTheirs)} is not ${JSON.stringify(forNobodys)}`, { cause: error });
  });
  return forTheirs.answer;
}
