import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';

/** A deferred fragment at one object, announced. */
export interface PendingFragment {
  /** Unique within its answer. */
  readonly id: string;
  /** Of the object, in the answer. */
  readonly path: readonly (string | number)[];
  readonly label: string | undefined;
}

/** A deferred fragment that has come. */
export interface CompletedFragment extends PendingFragment {
  /** Null where a field failed that may not be null, or that was told as a value before. */
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly GraphQLFormattedError[];
}

/** What comes at one time. */
export interface LaterPart {
  readonly completed: readonly CompletedFragment[];
  /** Fragments within those that have come. */
  readonly pending: readonly PendingFragment[];
  readonly hasNext: boolean;
}

/** An answer whose deferred fragments come later. */
export interface DeferredAnswer {
  readonly first: FormattedExecutionResult;
  /** Absent where the first part is all. */
  readonly later?: {
    readonly pending: readonly PendingFragment[];
    /** Ends by itself, or by `return()`; never fails. */
    readonly parts: AsyncGenerator<LaterPart, void, void>;
  };
}
