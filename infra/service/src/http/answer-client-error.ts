import type { Socket } from 'node:net';
import { AppError, errorExtensions } from '../errors/index.js';
import { closeLingering } from './linger-at-close.js';

/** Node's error for bytes that are no HTTP request, or not one that it reads. */
type ClientError = Error & { readonly code?: string };

/**
 * Answers what Node's parser refuses, which no route ever sees: headers beyond their size, bytes that are no HTTP, a
 * request that never ends. The connection is closed, because where the next request would begin nobody knows.
 */
export function answerClientError(error: ClientError, socket: Socket): void {
  // What still comes after the answer is of no interest.
  if (socket.writableEnded) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason } = faultOf(error);
  const body = JSON.stringify({ errors: [{ message: reason.message, extensions: errorExtensions(reason) }] });
  const head = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  closeLingering(socket);
}

function faultOf({ code }: ClientError): { readonly status: string; readonly reason: AppError } {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return {
      status: '431 Request Header Fields Too Large',
      reason: new AppError('OPERATION_TOO_LARGE', 'The headers are larger than this server accepts'),
    };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      status: '408 Request Timeout',
      reason: new AppError('BAD_USER_INPUT', 'The request did not end in time'),
    };
  }
  return { status: '400 Bad Request', reason: new AppError('BAD_USER_INPUT', 'The request is not valid HTTP') };
}
