import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError, parseInput } from '../errors/index.js';
import { verifyPrincipal } from '../identity/index.js';
import {
  countExportRows,
  exportCountsPath,
  exportCountsRequestSchema,
  exportNextHeader,
  exportRequestSchema,
  exportRowsPath,
  exportTableHeader,
  readExportPage,
  type DataInventory,
  type Subject,
} from '../personal-data/index.js';
import type { DataScope } from '../tenancy/index.js';

export interface ExportRouteOptions {
  readonly subgraph: string;
  readonly principalSecrets: readonly string[];
  readonly inventory: DataInventory;
  readonly openScope: (subject: Subject) => DataScope;
}

/** Gives other services of the platform, and nobody else, what a tenant or a person takes out of this subgraph. */
export async function addExportRoute(server: FastifyInstance, options: ExportRouteOptions): Promise<void> {
  const { subgraph: audience, principalSecrets, inventory, openScope } = options;
  await server.register(async (scope) => {
    // The parser of `/graphql` checks signatures of its own path; here the bytes are needed as they came.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    const readBody = (path: string, { body, headers }: Pick<FastifyRequest<{ Body: string }>, 'body' | 'headers'>) => {
      const signed = { audience, method: 'POST', path, body };
      const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
      if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'Rows are given out to services');
      return JSON.parse(body) as unknown;
    };
    scope.post<{ Body: string }>(exportCountsPath, async (request, reply) => {
      const { subject } = parseInput(exportCountsRequestSchema, readBody(exportCountsPath, request));
      reply.header('cache-control', 'no-store');
      return { tables: await countExportRows({ inventory, subject, openScope: () => openScope(subject) }) };
    });
    scope.post<{ Body: string }>(exportRowsPath, async (request, reply) => {
      const { subject, after } = parseInput(exportRequestSchema, readBody(exportRowsPath, request));
      const page = await readExportPage({ inventory, subject, after, openScope: () => openScope(subject) });
      reply.header('cache-control', 'no-store');
      if (page === null) return reply.code(204).send();
      reply.header(exportTableHeader, page.table);
      if (page.next !== null) reply.header(exportNextHeader, page.next);
      return reply.type('application/x-ndjson').send(page.lines.map((line) => `${line}\n`).join(''));
    });
  });
}
