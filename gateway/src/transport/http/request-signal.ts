import { AppError } from '@tessera/service/errors';

/** A signal and the way to let go of what it watches. */
export interface WatchedSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** Who is answered, as far as one waits for them to leave; Node's `ServerResponse` is one. */
export interface Departure {
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  /** Whether all of the answer has been written. */
  readonly writableFinished: boolean;
}

/** Ends with the request: when its time is over, or when the client is gone before its answer was written. */
export function watchRequest(response: Departure, timeoutMs: number): WatchedSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(new AppError('SUBGRAPH_TIMEOUT', `The request took longer than ${timeoutMs} ms`));
  }, timeoutMs);
  const leave = (): void => {
    if (!response.writableFinished) {
      controller.abort(new AppError('PRECONDITION_FAILED', 'The client left before its answer was ready'));
    }
  };
  response.once('close', leave);
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      response.off('close', leave);
    },
  };
}
