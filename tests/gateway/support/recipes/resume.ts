interface EventResult {
  readonly data?: unknown;
  readonly errors?: unknown;
  readonly extensions?: unknown;
}

interface EventSink<Result> {
  next(result: Result): void;
  error(error: unknown): void;
  complete(): void;
}

/** What `subscribe` of a graphql-ws or graphql-sse client takes, so that it goes on behind the last event whenever it comes back. */
export function resume<Request extends object, Result extends EventResult>(request: Request, sink: EventSink<Result>) {
  // Null asks where "now" is, so that nothing is missed before the first event either.
  let lastEventId: unknown = null;
  const resumed = {
    ...request,
    // Read anew each time that the request is sent.
    get extensions() {
      return { ...('extensions' in request && Object(request.extensions)), lastEventId };
    },
  };
  const noting: EventSink<Result> = {
    next(result) {
      const { eventId } = (result.extensions ?? {}) as { readonly eventId?: unknown };
      lastEventId = eventId ?? lastEventId;
      // What has neither only tells where the stream begins.
      if (result.data != null || result.errors !== undefined) sink.next(result);
    },
    error: (error) => sink.error(error),
    complete: () => sink.complete(),
  };
  return [resumed, noting] as const;
}
