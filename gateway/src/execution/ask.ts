import type { Logger } from '@tessera/service/logging';
import { errorCodes, errorExtensions, isErrorCode, toAppError } from '@tessera/service/errors';
import type { FetchRequest } from '../planning/query-plan.js';
import type { Fault } from './failed-field.js';
import type { CompileOptions, Run } from './run.js';
import { prepareSubgraphOperation, type SubgraphAnswer, type SubgraphOperation } from './subgraph-client.js';

/** An answer, or why there is none. */
export type Asked = { readonly answer: SubgraphAnswer } | { readonly fault: Fault };

/** Sends a fetch. @param variables JSON text of the variables object */
export type Ask = (run: Run, variables: string | undefined) => Promise<Asked>;

/** Compiles the sending of a fetch: its text is prepared once. */
export function compileAsk(fetch: FetchRequest, options: CompileOptions): Ask {
  return compileAskOf(operationOf(fetch, options), options);
}

/** What a fetch asks, whatever its variables. */
export function operationOf(fetch: FetchRequest, { nameFetch }: Pick<CompileOptions, 'nameFetch'>): SubgraphOperation {
  return prepareSubgraphOperation({
    subgraph: fetch.serviceName,
    kind: fetch.operationKind === 'mutation' ? 'mutation' : 'query',
    planned: fetch.operation,
    ...nameFetch(fetch),
  });
}

/** As {@link compileAsk}, for an operation that is prepared already. */
export function compileAskOf(operation: SubgraphOperation, { client, logger }: CompileOptions): Ask {
  return async (run, variables) => {
    const { requestId } = run.context;
    try {
      const answer = await client.send({ operation, variables }, run.context);
      run.sources?.fetched(operation, variables, answer);
      if (operation.kind === 'mutation') await adoptNewCaller(run, answer, logger);
      const unexpected = answer.errors.filter(({ extensions }) => !isExpected(extensions?.['code']));
      if (unexpected.length > 0) {
        const messages = unexpected.slice(0, 5).map(({ message }) => message);
        logger.error({ requestId, subgraph: operation.subgraph, messages }, 'a subgraph answered with errors');
      }
      return { answer };
    } catch (thrown) {
      const error = toAppError(thrown);
      logger[error.traits.logLevel](
        { requestId, subgraph: operation.subgraph, err: error },
        'a subgraph request failed',
      );
      return { fault: { message: error.message, extensions: { ...errorExtensions(error) } } };
    }
  };
}

/**
 * Fields of other subgraphs below a sign-in belong to the person who has just signed in, not to who asked for it. What was
 * done stays done where that person cannot be verified; the fields below are then answered as before.
 */
async function adoptNewCaller(
  run: Run,
  { newAccessToken, sessionTokens }: SubgraphAnswer,
  logger: Logger,
): Promise<void> {
  const { reauthenticate, requestId, acceptTokens } = run.context;
  if (sessionTokens !== undefined) acceptTokens?.(sessionTokens);
  if (newAccessToken === undefined || reauthenticate === undefined) return;
  try {
    const { principal, encodedPrincipal } = await reauthenticate(newAccessToken);
    run.context = { ...run.context, principal, encodedPrincipal };
  } catch (error) {
    logger.warn({ requestId, err: error }, 'a new access token could not be verified');
  }
}

function isExpected(code: unknown): boolean {
  return isErrorCode(code) && errorCodes[code].safeToShow;
}

/** The variables that a fetch uses, as members of a JSON object: `"a":1,"b":2`. */
export function variableMembers(
  names: readonly string[] | null | undefined,
  variables: Readonly<Record<string, unknown>>,
): string[] {
  return (names ?? []).flatMap((name) => {
    const text = JSON.stringify(variables[name]);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
}
