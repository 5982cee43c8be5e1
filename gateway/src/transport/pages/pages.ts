import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { accountPages } from './account-pages.js';
import { formScript, formScriptPath, formStyle, formStylePath } from './form-page.js';
import { graphiqlPage, graphiqlPageScript, graphiqlPageStyle } from './graphiql-page.js';
import { invitationPage } from './invitation-page.js';
import { landingPage } from './landing-page.js';
import { findGraphiqlAssets } from './page-assets.js';

export interface PagesOptions {
  readonly graphiql: boolean;
  /** Whether the pages are served that mails lead to: where this gateway knows its callers. */
  readonly ofMails: boolean;
}

const javaScript = 'text/javascript; charset=utf-8';
const styleSheet = 'text/css; charset=utf-8';

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
 * Serves the landing page, those that mails lead to, and GraphiQL's files where it is switched on.
 *
 * @returns what answers a browser at the GraphQL endpoint, if anything does
 */
export function addPages(
  server: FastifyInstance,
  { graphiql, ofMails }: PagesOptions,
): ((reply: FastifyReply) => FastifyReply) | undefined {
  server.get('/', async (_request, reply) => sendPage(reply, landingPage(graphiql)));
  if (ofMails) addMailPages(server);
  if (!graphiql) return undefined;

  const assets = findGraphiqlAssets();
  for (const [name, { file, contentType }] of Object.entries(assets)) {
    server.get(`/graphiql/${name}`, async (_request, reply) => sendAsset(reply, contentType, await readFile(file)));
  }
  server.get('/graphiql/page.js', async (_request, reply) => sendAsset(reply, javaScript, graphiqlPageScript));
  server.get('/graphiql/page.css', async (_request, reply) => sendAsset(reply, styleSheet, graphiqlPageStyle));
  return (reply) => sendPage(reply, graphiqlPage);
}

function addMailPages(server: FastifyInstance): void {
  server.get(formScriptPath, async (_request, reply) => sendAsset(reply, javaScript, formScript));
  server.get(formStylePath, async (_request, reply) => sendAsset(reply, styleSheet, formStyle));
  for (const { path, html, script } of [invitationPage, ...accountPages]) {
    server.get(path, async (_request, reply) => sendPage(reply, html));
    server.get(`${path}.js`, async (_request, reply) => sendAsset(reply, javaScript, script));
  }
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
