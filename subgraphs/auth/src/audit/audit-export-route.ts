import { Readable } from 'node:stream';
import { auditExportFilterSchema, auditExportPath, auditExportType } from '@tessera/service/audit';
import { AppError, parseInput } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { verifyPrincipal, type Principal } from '@tessera/service/identity';
import { requestIdFrom } from '@tessera/service/tracing';
import type { DataScope } from '@tessera/service/tenancy';
import { toPlaceType } from '../sessions/place.type.js';
import type { AuditEntryEntity } from './audit-entry.entity.js';
import type { AuditService } from './audit.service.js';

export interface AuditExportOptions {
  readonly audit: AuditService;
  readonly openScope: (principal: Principal) => DataScope;
  readonly principalSecrets: readonly string[];
}

/** So many at once: each keeps a connection of the pool busy most of the time. */
const maxExports = 4;

/** Writes the audit log out as JSON Lines, for whoever a gateway asks for. */
export async function addAuditExportRoute(server: HttpServer, options: AuditExportOptions): Promise<void> {
  const { audit, openScope, principalSecrets } = options;
  let running = 0;
  // In a scope of its own: the body's very bytes are signed.
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post<{ Body: string }>(auditExportPath, async ({ headers, body }, reply) => {
      const signed = { audience: 'auth', method: 'POST', path: auditExportPath, body };
      const { principal, client } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
      const { after, from, to, ...filter } = parseInput(auditExportFilterSchema, JSON.parse(body));
      if (running >= maxExports) {
        throw new AppError('OVERLOADED', 'The audit log is being exported too often', { retryAfterSeconds: 10 });
      }
      running += 1;
      const dataScope = openScope(principal);
      const over = (): void => {
        running -= 1;
        dataScope.close();
      };
      const caller = { principal, client, requestId: requestIdFrom(headers['x-request-id']), scope: dataScope };
      const range = { ...(from && { from: new Date(from) }), ...(to && { to: new Date(to) }) };
      try {
        const batches = await audit.export(caller, { ...filter, ...range }, after);
        // One batch is written, and the next not read before there is room for it.
        const lines = Readable.from(writeLines(batches, dataScope), { highWaterMark: 1 });
        lines.once('close', over);
        return await reply.header('content-type', auditExportType).header('cache-control', 'no-store').send(lines);
      } catch (error) {
        over();
        throw error;
      }
    });
  });
}

async function* writeLines(
  batches: AsyncIterable<readonly AuditEntryEntity[]>,
  scope: DataScope,
): AsyncGenerator<Buffer> {
  for await (const batch of batches) {
    // What is written need not be remembered.
    scope.forget();
    yield Buffer.from(batch.map((entry) => `${JSON.stringify(lineOf(entry))}\n`).join(''));
  }
}

/** As the query shows an entry, with the tenant: a platform's export holds many. */
function lineOf(entry: AuditEntryEntity) {
  const { id, tenantId, occurredAt, action, outcome, actorKind, actorId, impersonatorId, subjectId } = entry;
  const { targetType, targetId, clientAddress, clientCountry, clientCity, userAgent, requestId, details } = entry;
  const what = { id, tenantId, occurredAt, action, outcome, actorKind, actorId, impersonatorId, subjectId };
  const clientPlace = toPlaceType(clientCountry, clientCity);
  return { ...what, targetType, targetId, clientAddress, clientPlace, userAgent, requestId, details };
}
