import type { RequestContext } from './context.js';
import { observeDeferral } from './telemetry/observe-deferral.js';
import { observeStream } from './telemetry/observe-stream.js';
import type { OperationHandler, ReadyOperation } from './transport/operation-handler.js';

/** A handler whose users are counted, so that it can be closed behind the last of them. */
export interface CountedHandler {
  readonly handler: OperationHandler;
  /** Resolves when nobody has used the handler for as long as it takes to go from one step of a request to the next. */
  unused(): Promise<void>;
}

/** From having been prepared to being run an operation takes a turn of the event loop; this is far more. */
const pauseMs = 1_000;

/** Counts who is being prepared, runs, or listens. */
export function countUses(inner: OperationHandler): CountedHandler {
  let uses = 0;
  let isLeft = false;
  let pause: NodeJS.Timeout | undefined;
  const { promise, resolve } = Promise.withResolvers<void>();

  const begin = (): void => {
    uses += 1;
    clearTimeout(pause);
  };
  const end = (): void => {
    uses -= 1;
    if (isLeft && uses === 0) pause = setTimeout(resolve, pauseMs).unref();
  };

  const countedDeferral = (run: NonNullable<ReadyOperation['runDeferred']>): typeof run => {
    return async (context) => {
      begin();
      return observeDeferral(await run(context), end);
    };
  };

  /** What is offered for requests that come again is good only as long as this handler serves them. */
  const untilLeft = (context: RequestContext): RequestContext => {
    const { offerRepeat } = context;
    if (offerRepeat === undefined) return context;
    return {
      ...context,
      offerRepeat: (repeat) => offerRepeat(async (during) => (isLeft ? undefined : repeat(during))),
    };
  };

  const counted = (ready: ReadyOperation): ReadyOperation => ({
    kind: ready.kind,
    async run(context) {
      begin();
      try {
        return await ready.run(untilLeft(context));
      } finally {
        end();
      }
    },
    ...(ready.runDeferred !== undefined && { runDeferred: countedDeferral(ready.runDeferred) }),
    subscribe(context) {
      const stream = ready.subscribe(context);
      begin();
      return observeStream(stream, end);
    },
  });

  return {
    handler: {
      authenticate: (authorization, clientAddress) => inner.authenticate(authorization, clientAddress),
      async prepare(request, context) {
        begin();
        try {
          return counted(await inner.prepare(request, context));
        } finally {
          end();
        }
      },
    },
    unused() {
      isLeft = true;
      begin();
      end();
      return promise;
    },
  };
}
