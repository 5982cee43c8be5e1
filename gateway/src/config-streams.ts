import { millisecondsField, urlField } from '@tessera/service/config';
import { z } from 'zod';

/** How a subgraph is asked for streams of events. */
export const streamProtocols = ['websocket', 'sse', 'callback'] as const;
export type StreamProtocol = (typeof streamProtocols)[number];

/** Settings of the streams of subgraphs. */
export const streamFields = {
  /** `orders=sse,shop=callback`: subgraphs whose streams are not by WebSocket. */
  SUBGRAPH_STREAMS: z
    .string()
    .default('')
    .transform((text, check): ReadonlyMap<string, StreamProtocol> => {
      const protocols = new Map<string, StreamProtocol>();
      for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
        const [, name = '', value] = /^(.+)=(.+)$/.exec(entry) ?? [];
        const protocol = streamProtocols.find((known) => known === value?.trim());
        const message =
          protocol === undefined
            ? `must be a list of name=protocol, of ${streamProtocols.join(', ')}`
            : protocols.has(name.trim()) && `names ${name.trim()} twice`;
        if (message) check.addIssue({ code: 'custom', message });
        else if (protocol !== undefined) protocols.set(name.trim(), protocol);
      }
      return protocols;
    }),
  /** Streams of one connection to a subgraph that does not verify each one's principal; more need another connection. */
  MAX_STREAMS_PER_SUBGRAPH_SOCKET: z.coerce.number().int().positive().default(100),
  /** Where subgraphs with `callback` reach this very process, not any gateway: `http://gateway-1:4000/callback`. */
  SUBSCRIPTION_CALLBACK_URL: urlField.optional(),
  /** How often such subgraphs have to show that they are there. */
  SUBSCRIPTION_HEARTBEAT_MS: millisecondsField.default(5_000),
};
