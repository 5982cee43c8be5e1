import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../../context.js';

/** What a stream is opened with, as every protocol carries it. */
export interface StreamPayload {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** One attempt to open a stream at one instance of a subgraph. */
export interface StreamAttempt {
  readonly subgraph: string;
  /** `http:` or `https:` */
  readonly url: string;
  readonly payload: StreamPayload;
  /** On whose behalf. */
  readonly context: RequestContext;
}

/** Is told what becomes of an attempt. After `refused`, `completed` or `lost` nothing more is. */
export interface StreamListener {
  /** The subgraph takes it. */
  accepted(): void;
  event(event: FormattedExecutionResult): void;
  /** The subgraph says why it does not (go on to) send events: another attempt would be refused too. */
  refused(errors: readonly GraphQLFormattedError[]): void;
  completed(): void;
  /** It could not be opened, or broke. */
  lost(loss: StreamLoss): void;
}

/** Why a stream was lost. */
export interface StreamLoss {
  readonly cause: Error;
  /** Whether the instance is to blame; a refusal of the protocol is about the stream. */
  readonly isInstanceFault: boolean;
  /** Of a WebSocket. */
  readonly closeCode?: number | undefined;
}

/** An open stream; `close` ends it at the subgraph too, and nothing more is told. */
export interface OpenStream {
  close(): void;
}

/** Opens streams by one protocol. */
export interface StreamTransport {
  open(attempt: StreamAttempt, listener: StreamListener): OpenStream;
  /** Ends what is kept open for later streams. */
  close(): void;
}
