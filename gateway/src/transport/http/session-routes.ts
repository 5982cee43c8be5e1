import { AppError, toAppError } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf, HttpServer } from '@tessera/service/http';
import { noSessionTokens, unauthenticated, type ClientDetails } from '@tessera/service/identity';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionCookies, sessionModeHeader, tokenKeeper } from '../session-cookies.js';
import type { RefreshTokenOf } from './cookie-mode.js';
import { addCrossOrigin, type CrossOriginOptions } from './cross-origin.js';
import { describeClient } from '../client-side.js';
import { headerSetter, sendFault } from './send-answer.js';

/** What auth is asked about a session. */
export interface SessionRequest {
  readonly refreshToken: string;
  readonly client: ClientDetails;
  readonly requestId: string;
}

/** Auth, as far as sessions in cookies go. Everything throws AppError `SUBGRAPH_UNAVAILABLE` where it cannot be asked. */
export interface SessionRequests {
  /** Exchanges a refresh token. @throws AppError `UNAUTHENTICATED` */
  exchange(request: SessionRequest): Promise<{ readonly sessionTokens: string; readonly expiresIn: number }>;
  /** Ends the session of a refresh token; one of nothing is no error. */
  end(request: SessionRequest): Promise<void>;
}

export interface SessionRoutesOptions {
  readonly refreshTokenOf: RefreshTokenOf;
  readonly sessions: SessionRequests;
  /** @throws AppError `RATE_LIMITED`; absent where nobody is limited */
  readonly admit:
    ((clientAddress: string, setResponseHeader: (name: string, value: string) => void) => Promise<void>) | undefined;
  readonly crossOrigin: CrossOriginOptions | undefined;
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

const bodyLimit = 1_024;

/** `refreshTokens` and `signOut` for pages whose tokens are in cookies: both go by the refresh token that no page can see. */
export function addSessionRoutes(server: HttpServer, options: SessionRoutesOptions): void {
  const { sessions, crossOrigin } = options;
  void server.register(async (scope) => {
    scope.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
    if (crossOrigin !== undefined) addCrossOrigin(scope, crossOrigin);
    scope.addHook('onRequest', async (request, reply) => {
      // A form of another site would sign somebody out: what is refused behind this takes the cookies away.
      if (request.headers[sessionModeHeader] === undefined) {
        throw new AppError('BAD_USER_INPUT', `Header ${sessionModeHeader} is required`);
      }
      reply.header('cache-control', 'no-store');
    });
    scope.route({
      method: ['POST', 'OPTIONS'],
      url: '/session/refresh',
      bodyLimit,
      async handler(request, reply) {
        const asked = await admitted(request, reply, options);
        try {
          if (asked === undefined) throw unauthenticated('SESSION_ENDED', 'No session is kept: sign in');
          const { sessionTokens, expiresIn } = await sessions.exchange(asked);
          tokenKeeper(headerSetter(reply))(sessionTokens);
          return await reply.send({ expiresIn });
        } catch (error) {
          // What is over is forgotten, so that the page can sign in.
          if (toAppError(error).code === 'UNAUTHENTICATED') forgetTokens(reply);
          throw error;
        }
      },
    });
    scope.route({
      method: ['DELETE', 'OPTIONS'],
      url: '/session',
      bodyLimit,
      async handler(request, reply) {
        // First, and whatever comes of the rest: who leaves a browser to others must not stay signed in there.
        forgetTokens(reply);
        const asked = await admitted(request, reply, options);
        if (asked !== undefined) await sessions.end(asked);
        return reply.code(204).send();
      },
    });
  });
}

/** @returns undefined for who has no refresh token @throws AppError `RATE_LIMITED` */
async function admitted(
  { raw, id: requestId }: FastifyRequest,
  reply: FastifyReply,
  { refreshTokenOf, admit, clientAddressOf, clientPlaceOf }: SessionRoutesOptions,
): Promise<SessionRequest | undefined> {
  const address = clientAddressOf(raw);
  await admit?.(address, headerSetter(reply));
  const refreshToken = refreshTokenOf(raw);
  if (refreshToken === undefined) return undefined;
  return { refreshToken, client: describeClient(raw, address, clientPlaceOf), requestId };
}

function forgetTokens(reply: FastifyReply): void {
  for (const cookie of sessionCookies(noSessionTokens)) reply.header('set-cookie', cookie);
}
