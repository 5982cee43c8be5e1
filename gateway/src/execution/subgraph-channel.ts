import type { Cancellation } from './cancellation.js';
import type { HttpAnswer } from './http1/http-answer.js';

/** Names and values, one behind the other. */
export type HeaderList = readonly string[];

export interface ChannelOptions {
  /** `http://host:port` */
  readonly origin: string;
  /** What every request carries. */
  readonly headers: HeaderList;
  /** The largest answer that is read. */
  readonly maxResponseBytes: number;
  readonly maxConnections: number;
  /** How long opening a connection may take. */
  readonly connectTimeoutMs: number;
  /** How old a connection gets, or a quarter more or less, before another takes its place. */
  readonly maxAgeMs: number;
}

/** Kept connections to one origin. */
export interface Channel {
  /**
   * Posts one request.
   *
   * @param target path and query string
   * @param headers values are fit for the wire
   * @param body JSON text
   * @throws OversizedAnswer, the cancellation's reason, or the network's error
   */
  post(target: string, headers: HeaderList, body: string, cancellation: Cancellation): Promise<HttpAnswer>;
  /** Waits for requests under way, then closes the connections. */
  close(): Promise<void>;
}
