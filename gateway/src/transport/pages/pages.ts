import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { graphiqlPage, graphiqlPageScript, graphiqlPageStyle } from './graphiql-page.js';
import { invitationPage, invitationPageScript, invitationPageStyle, invitationPath } from './invitation-page.js';
import { landingPage } from './landing-page.js';
import { findGraphiqlAssets } from './page-assets.js';

export interface PagesOptions {
  readonly graphiql: boolean;
  /** Whether the page is served that accepts invitations: where this gateway knows its callers. */
  readonly invitations: boolean;
}

/** Everything from here, nothing from elsewhere. GraphiQL's editor sets styles by script, hence `unsafe-inline` there alone. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the landing page, the one that accepts invitations, and GraphiQL's files where it is switched on.
 *
 * @returns what answers a browser at the GraphQL endpoint, if anything does
 */
export function addPages(
  server: FastifyInstance,
  { graphiql, invitations }: PagesOptions,
): ((reply: FastifyReply) => FastifyReply) | undefined {
  server.get('/', async (_request, reply) => sendPage(reply, landingPage(graphiql)));
  if (invitations) addInvitationPage(server);
  if (!graphiql) return undefined;

  const assets = findGraphiqlAssets();
  for (const [name, { file, contentType }] of Object.entries(assets)) {
    server.get(`/graphiql/${name}`, async (_request, reply) => sendAsset(reply, contentType, await readFile(file)));
  }
  server.get('/graphiql/page.js', async (_request, reply) =>
    sendAsset(reply, 'text/javascript; charset=utf-8', graphiqlPageScript),
  );
  server.get('/graphiql/page.css', async (_request, reply) =>
    sendAsset(reply, 'text/css; charset=utf-8', graphiqlPageStyle),
  );
  return (reply) => sendPage(reply, graphiqlPage);
}

function addInvitationPage(server: FastifyInstance): void {
  server.get(invitationPath, async (_request, reply) => sendPage(reply, invitationPage));
  server.get(`${invitationPath}.js`, async (_request, reply) =>
    sendAsset(reply, 'text/javascript; charset=utf-8', invitationPageScript),
  );
  server.get(`${invitationPath}.css`, async (_request, reply) =>
    sendAsset(reply, 'text/css; charset=utf-8', invitationPageStyle),
  );
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply
    .header('content-security-policy', pagePolicy)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('vary', 'accept')
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(page);
}

function sendAsset(reply: FastifyReply, contentType: string, body: string | Buffer): FastifyReply {
  return reply
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'public, max-age=3600')
    .type(contentType)
    .send(body);
}
