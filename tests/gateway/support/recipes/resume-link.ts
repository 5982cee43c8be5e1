import { ApolloLink, Observable } from '@apollo/client';
import { graphQLResultHasProtocolErrors, PROTOCOL_ERRORS_SYMBOL, ServerError } from '@apollo/client/errors';

/** Before a `new HttpLink({ uri, includeExtensions: true })`: subscriptions come back by themselves, behind the last event. */
export const resumeLink = new ApolloLink((operation, forward) => {
  if (String(operation.operationType) !== 'subscription') return forward(operation);
  return new Observable<ApolloLink.Result>((observer) => {
    let lastEventId: unknown = null;
    let losses = 0;
    let stream: { unsubscribe(): void } | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const comeBack = (): void => {
      stream?.unsubscribe();
      losses += 1;
      timer = setTimeout(listen, Math.min(200 * 2 ** losses, 10_000) * (0.5 + Math.random()));
    };
    const listen = (): void => {
      operation.extensions = { ...operation.extensions, lastEventId };
      stream = forward(operation).subscribe({
        next(result) {
          if (isPassing(refusalOf(result))) return comeBack();
          losses = 0;
          lastEventId = result.extensions?.['eventId'] ?? lastEventId;
          // What has neither data nor errors only tells where the stream begins.
          if (result.data !== null || result.errors !== undefined) observer.next(result);
        },
        error(error: unknown) {
          const isRefused = ServerError.is(error) && error.statusCode < 500 && error.statusCode !== 429;
          if (isRefused) observer.error(error);
          else comeBack();
        },
        complete: () => observer.complete(),
      });
    };
    listen();
    return () => {
      clearTimeout(timer);
      stream?.unsubscribe();
    };
  });
});

/** Why there is no stream, or no longer: the gateway goes away, the token has expired, and so on. */
function refusalOf(result: ApolloLink.Result): unknown {
  const errors = graphQLResultHasProtocolErrors(result)
    ? result.extensions[PROTOCOL_ERRORS_SYMBOL].errors
    : result.data === undefined
      ? result.errors
      : undefined;
  return errors?.[0]?.extensions?.['code'];
}

function isPassing(code: unknown): boolean {
  return (
    code === 'OVERLOADED' || code === 'RATE_LIMITED' || code === 'UNAUTHENTICATED' || code === 'SUBGRAPH_UNAVAILABLE'
  );
}
