import type { Duplex } from 'node:stream';
import { http } from '@tessera/service/http';

/** Answers a request for a WebSocket with a status instead. */
export function refuseUpgrade(stream: Duplex, status: number, retryAfterSeconds?: number): void {
  const headers = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? 'Refused'}`,
    'connection: close',
    'content-length: 0',
    ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
  ];
  stream.end(`${headers.join('\r\n')}\r\n\r\n`);
}
