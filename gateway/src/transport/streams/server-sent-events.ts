import type { StreamedAnswer } from '../operation-handler.js';
import type { StreamFormat } from './stream-format.js';

/** The media type of event streams. */
export const eventStream = 'text/event-stream';

/** An event id is a line; a NUL in it would have clients ignore it (HTML, 9.2.6). */
const lineEnds = /[\r\n\0]/;

/** What clients may be told by an event. */
export interface ServerSentEvent {
  readonly event: 'next' | 'complete';
  readonly data?: unknown;
  /** The data as JSON, where it is written already. */
  readonly json?: string | undefined;
  /** Comes back as `Last-Event-ID` when the client reconnects. */
  readonly id?: string | undefined;
}

/** Writes one event. An event without data has the field all the same: without it browsers drop the event. */
export function writeEvent({ event, data, json, id }: ServerSentEvent): string {
  const idLine = id === undefined || lineEnds.test(id) ? '' : `id: ${id}\n`;
  const text = json ?? (data === undefined ? undefined : JSON.stringify(data));
  return `${idLine}event: ${event}\ndata:${text === undefined ? '' : ` ${text}`}\n\n`;
}

/** A comment: browsers want some body before they believe the headers, and proxies some life. */
export const comment = ':\n\n';

function writeNext({ answer, json, id }: StreamedAnswer): string {
  return writeEvent({ event: 'next', data: answer, json, id });
}

/** One operation on a connection of its own (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md). */
export const serverSentEvents: StreamFormat = {
  contentType: `${eventStream}; charset=utf-8`,
  opening: comment,
  heartbeat: comment,
  // An id without data reaches nobody's code; browsers remember it all the same (HTML, 9.2.6).
  next: (event) => (event.isBeginning === true ? `id: ${event.id}\n\n` : writeNext(event)),
  failed: (errors) => writeEvent({ event: 'next', data: { errors } }) + writeEvent({ event: 'complete' }),
  completed: writeEvent({ event: 'complete' }),
  // A stream that ends without `complete` is one to open again: browsers and graphql-sse do so by themselves.
  interrupted: '',
};

/** The same for who has asked to be told where the stream begins: by an event, for clients whose code sees no ids. */
export const announcedEvents: StreamFormat = { ...serverSentEvents, next: writeNext };
