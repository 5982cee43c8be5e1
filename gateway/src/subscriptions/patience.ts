/** How long a stream is worth trying for. */
export interface PatienceOptions {
  /** How often opening a stream is tried again. */
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  /** How long a stream that had been open is tried to be opened again, however often. */
  readonly resumeTimeoutMs: number;
  /** Milliseconds from any moment on; default `performance.now`. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Decides for one stream whether, and when, it is opened again. */
export interface Patience {
  /** The subgraph has taken the stream. @returns whether it had taken it before */
  accepted(): boolean;
  /** The stream is of use: an event came. */
  proven(): void;
  /** The stream could not be opened, or broke. @returns whether it is to be tried again */
  lost(closeCode: number | undefined): boolean;
  /** Until the next attempt; half of it is chance, so that many streams do not come back as one herd. */
  delayMs(): number;
}

const maxDelayMs = 5_000;
/** A stream that holds for so long is of use, though no event came. */
const provenAfterMs = 10_000;
/** After a normal closing the client of graphql-ws tries again at once, and for ever. */
const normalClosure = 1000;

/**
 * What never was open is given up soon, because somebody waits for it. What was open is worth waiting for: a process that
 * was killed takes its time to come back.
 */
export function createPatience(options: PatienceOptions): Patience {
  const { maxRetries, retryDelayMs, resumeTimeoutMs, now = () => performance.now(), random = Math.random } = options;
  let lossesInARow = 0;
  let wasAccepted = false;
  let acceptedAtMs: number | undefined;
  let lostAtMs: number | undefined;

  const prove = (): void => {
    lossesInARow = 0;
    lostAtMs = undefined;
  };
  return {
    accepted() {
      const isAgain = wasAccepted;
      wasAccepted = true;
      acceptedAtMs = now();
      return isAgain;
    },
    proven: prove,
    lost(closeCode) {
      if (acceptedAtMs !== undefined && now() - acceptedAtMs >= provenAfterMs) prove();
      acceptedAtMs = undefined;
      lostAtMs ??= now();
      lossesInARow += 1;
      if (lossesInARow <= maxRetries + 1) return true;
      return wasAccepted && closeCode !== normalClosure && now() - lostAtMs < resumeTimeoutMs;
    },
    delayMs: () => Math.min(retryDelayMs * 2 ** Math.max(0, lossesInARow - 1), maxDelayMs) * (0.5 + random()),
  };
}
