import { demoAccount } from './demo-account.js';
import type { LocalPlatform } from './local-platform.js';
import type { LocalOptions } from './options.js';

/** What a person sees once everything answers. */
export function describePlatform(
  { ports, data }: LocalPlatform,
  { host, withDemo, dataDirectory }: LocalOptions,
): string {
  const url = `http://${host}:${ports.gateway}`;
  const lines = [
    '',
    '  Tessera is ready',
    '',
    `  Home        ${url}/`,
    `  GraphQL     ${url}/graphql   (open it in a browser for GraphiQL)`,
    `  WebSocket   ws://${host}:${ports.gateway}/graphql`,
    `  Health      ${url}/health   ${url}/ready`,
    `  Data        ${dataDirectory}`,
    `  Mails       ${data.mail}`,
  ];
  if (withDemo) lines.push('', `  Demo        ${demoAccount.email}   ${demoAccount.password}`);
  return `${lines.join('\n')}\n\n  Ctrl-C stops it; the data stays.\n\n`;
}
