import { randomBytes } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import type { Caller } from '../../context.js';
import type { LiveConnections } from '../live-connections.js';
import { EventChannel } from './event-channel.js';

/** Where channels are kept, and their limits. */
export interface EventChannelsOptions {
  readonly connections: LiveConnections;
  readonly maxOperationsPerChannel: number;
  /** How long a reservation waits for its stream to be opened. */
  readonly reservationTimeoutMs: number;
}

/** The single connections of one gateway, by their tokens: other processes know nothing of them. */
export class EventChannels {
  readonly #options: EventChannelsOptions;
  readonly #channels = new Map<string, EventChannel>();

  constructor(options: EventChannelsOptions) {
    this.#options = options;
  }

  /**
   * Reserves a stream for a caller.
   *
   * @returns its token: a secret, for who has it reads the stream
   * @throws AppError `OVERLOADED`, `RATE_LIMITED` where there is no room for another connection
   */
  reserve(caller: Caller): string {
    const { connections, maxOperationsPerChannel, reservationTimeoutMs } = this.#options;
    connections.assertRoom(caller);
    const channel = new EventChannel(caller, maxOperationsPerChannel);
    const token = randomBytes(32).toString('base64url');
    this.#channels.set(token, channel);
    connections.add(channel.stream);
    const timer = setTimeout(() => {
      if (!channel.isOpened) channel.stream.cut();
    }, reservationTimeoutMs);
    void channel.stream.closed.then(() => {
      clearTimeout(timer);
      this.#channels.delete(token);
    });
    return token;
  }

  /** @throws AppError `NOT_FOUND` */
  find(token: string): EventChannel {
    const channel = this.#channels.get(token);
    if (channel === undefined) throw new AppError('NOT_FOUND', 'No stream is reserved under this token');
    return channel;
  }
}
