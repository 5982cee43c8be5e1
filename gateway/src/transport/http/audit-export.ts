import { PassThrough, pipeline, type Readable } from 'node:stream';
import {
  auditExportFilterSchema,
  auditExportPath,
  auditExportType,
  type AuditExportFilter,
} from '@tessera/service/audit';
import { AppError, parseInput } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf } from '@tessera/service/http';
import type { ClientDetails } from '@tessera/service/identity';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../../context.js';
import { watchExpiry } from '../caller-rights.js';
import type { LiveConnection, LiveConnections } from '../live-connections.js';
import type { OperationHandler } from '../operation-handler.js';
import { describeClient } from '../client-side.js';
import { headerSetter } from './send-answer.js';

/** An export as it is asked for at auth. */
export interface AskedAuditExport {
  readonly filter: AuditExportFilter;
  readonly caller: Caller;
  readonly client: ClientDetails;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface AuditExportEndpointOptions {
  readonly handler: Pick<OperationHandler, 'authenticate'>;
  /** @throws AppError as auth refuses, or `SUBGRAPH_UNAVAILABLE` */
  readonly open: (asked: AskedAuditExport) => Promise<Readable>;
  /** @throws AppError `RATE_LIMITED`, and as the security policy of the caller's tenant refuses */
  readonly admit: (
    caller: Caller,
    clientAddress: string,
    setResponseHeader: (name: string, value: string) => void,
  ) => Promise<void>;
  readonly connections: LiveConnections;
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

/** A client that takes nothing for so long is taken for dead. */
const idleTimeoutMs = 30_000;

/** Serves the audit log as JSON Lines, as long as it is, in as little memory as a short one. */
export function addAuditExport(server: FastifyInstance, options: AuditExportEndpointOptions): void {
  const { handler, open, admit, connections, clientAddressOf, clientPlaceOf } = options;
  server.get(auditExportPath, { exposeHeadRoute: false }, async (request, reply) => {
    const { headers, raw, id: requestId } = request;
    const address = clientAddressOf(raw);
    const caller = await handler.authenticate(headers.authorization, address);
    await admit(caller, address, headerSetter(reply));
    const filter = parseInput(auditExportFilterSchema, request.query);
    connections.assertRoom(caller);
    const over = new AbortController();
    const body = new PassThrough();
    const closed = new Promise<void>((resolve) => body.once('close', resolve));
    const forgetExpiry = watchExpiry(caller, (reason) => over.abort(reason));
    const end = (): void => over.abort(new AppError('UNAUTHENTICATED', 'The session of this export has ended'));
    const connection: LiveConnection = {
      caller,
      observe: (observer) => void closed.then(() => observer.closed(connection)),
      leave: () => undefined,
      endSession: end,
      cut: end,
    };
    connections.add(connection);
    // A client that has gone closes the body too.
    void closed.then(() => {
      forgetExpiry();
      over.abort();
    });
    const client = describeClient(raw, address, clientPlaceOf);
    try {
      const lines = await open({ filter, caller, client, requestId, signal: over.signal });
      // What fails on the way cuts the answer short, so that nobody takes a part of the log for the whole.
      pipeline(lines, body, (error) => {
        if (error != null) request.log.warn({ err: error, requestId }, 'an export of the audit log was cut short');
      });
    } catch (error) {
      body.destroy();
      throw error;
    }
    reply.raw.setTimeout(idleTimeoutMs);
    return reply
      .headers({
        'content-type': auditExportType,
        'content-disposition': 'attachment; filename="audit-log.jsonl"',
        'cache-control': 'no-store',
      })
      .send(body);
  });
}
