interface EventResult {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> | undefined }[] | undefined;
  readonly extensions?: unknown;
}

interface EventSink<Result> {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

interface EventClient<Request, Result> {
  subscribe(request: Request, sink: EventSink<Result>): () => void;
}

/**
 * `subscribe` of a graphql-ws or graphql-sse client, which goes on behind the last event whenever it comes back.
 *
 * @returns ends the subscription
 */
export function resume<Request extends object, Result extends EventResult>(
  client: EventClient<Request, Result>,
  request: Request,
  sink: EventSink<Result>,
): () => void {
  // Null asks where "now" is, so that nothing is missed before the first event either.
  let lastEventId: unknown = null;
  let losses = 0;
  let stop = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resumed = {
    ...request,
    // Read anew each time that the request is sent.
    get extensions() {
      return { ...('extensions' in request && Object(request.extensions)), lastEventId };
    },
  };

  const listen = (): void => {
    let isLost = false;
    const comeBack = (): void => {
      isLost = true;
      stop();
      losses += 1;
      timer = setTimeout(listen, Math.min(200 * 2 ** losses, 10_000) * (0.5 + Math.random()));
    };
    stop = client.subscribe(resumed, {
      next(result) {
        if (isPassing(result)) return comeBack();
        losses = 0;
        const { eventId } = (result.extensions ?? {}) as { readonly eventId?: unknown };
        lastEventId = eventId ?? lastEventId;
        // What has neither only tells where the stream begins.
        if (result.data != null || result.errors !== undefined) sink.next(result);
      },
      // What a stream that is left says in the end is nobody's business.
      error: (error) => void (isLost || sink.error(error)),
      complete: () => void (isLost || sink.complete()),
    });
  };
  listen();
  return () => {
    clearTimeout(timer);
    stop();
  };
}

/** Whether a stream ends for now: the token has expired, rights have changed, the gateway goes away, and so on. */
function isPassing({ data, errors }: EventResult): boolean {
  const code = errors?.[0]?.extensions?.['code'];
  return (
    data === undefined &&
    ['OVERLOADED', 'RATE_LIMITED', 'UNAUTHENTICATED', 'SUBGRAPH_UNAVAILABLE'].includes(String(code))
  );
}
