import type { ClientPlace } from '@tessera/service/http';
import { beginTrace, formatTraceparent, parseTraceparent } from '@tessera/service/tracing';
import type { Caller, RequestContext } from '../context.js';
import { userAgentOf } from './client-side.js';
import { cookieMark, tokenKeeper } from './session-cookies.js';

type Headers = Readonly<Record<string, unknown>>;

const clientNames = ['apollographql-client-name', 'x-client-name', 'graphql-client-name'];
const clientVersions = ['apollographql-client-version', 'x-client-version', 'graphql-client-version'];
const costHeader = 'x-graphql-cost';
const tenantHeader = 'x-tenant-id';

/** The headers that say something about a request. */
export const contextHeaders: readonly string[] = [
  'traceparent',
  'user-agent',
  cookieMark,
  costHeader,
  tenantHeader,
  ...clientNames,
  ...clientVersions,
];

const maxNameLength = 64;

/** What a request's context has of the connection that it came by. */
export interface ClientSide {
  readonly clientAddress: string;
  readonly clientPlace?: ClientPlace | undefined;
  readonly setResponseHeader?: (name: string, value: string) => void;
  readonly offerRepeat?: RequestContext['offerRepeat'] | undefined;
  readonly onFallenBehind?: () => void;
  readonly refusedToken?: RequestContext['refusedToken'];
}

/** Puts together what a request carries through the rooms. */
export function createRequestContext(
  caller: Caller,
  headers: Headers,
  requestId: string,
  signal: AbortSignal,
  clientSide: ClientSide,
): RequestContext {
  const trace = parseTraceparent(headers['traceparent']);
  const { clientAddress, clientPlace, setResponseHeader, offerRepeat, onFallenBehind, refusedToken } = clientSide;
  // Each by its name: every request makes one of these, and spreading costs as much as all the rest.
  return {
    requestId,
    traceparent: formatTraceparent(trace ?? beginTrace()),
    beginsTrace: trace === undefined,
    principal: caller.principal,
    encodedPrincipal: caller.encodedPrincipal,
    clientName: firstName(headers, clientNames),
    clientVersion: firstName(headers, clientVersions),
    signal,
    clientAddress,
    clientPlace,
    setResponseHeader,
    offerRepeat,
    onFallenBehind,
    userAgent: userAgentOf(headers),
    acceptTokens: headers[cookieMark] === undefined ? undefined : tokenKeeper(setResponseHeader),
    wantsCost: headers[costHeader] === 'true',
    intendedTenantId: tenantOf(headers[tenantHeader]),
    refusedToken,
    forwardedHeaders: caller.forwardedHeaders,
  };
}

/** An empty header says nothing. */
function tenantOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function firstName(headers: Headers, names: readonly string[]): string {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return value.slice(0, maxNameLength);
  }
  return 'unknown';
}
