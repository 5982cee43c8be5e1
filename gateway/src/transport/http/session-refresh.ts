import { AppError, toAppError } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf, HttpServer } from '@tessera/service/http';
import { noSessionTokens, type ClientDetails, unauthenticated } from '@tessera/service/identity';
import { sessionCookies, sessionModeHeader, tokenKeeper } from '../session-cookies.js';
import type { RefreshTokenOf } from './cookie-mode.js';
import { addCrossOrigin, type CrossOriginOptions } from './cross-origin.js';
import { describeClient } from '../client-side.js';
import { headerSetter, sendFault } from './send-answer.js';

export const sessionRefreshPath = '/session/refresh';

export interface SessionRefreshOptions {
  readonly refreshTokenOf: RefreshTokenOf;
  /** Exchanges a refresh token at auth. @throws AppError `UNAUTHENTICATED`, or `SUBGRAPH_UNAVAILABLE` */
  readonly exchange: (request: {
    readonly refreshToken: string;
    readonly client: ClientDetails;
    readonly requestId: string;
  }) => Promise<{ readonly sessionTokens: string; readonly expiresIn: number }>;
  /** @throws AppError `RATE_LIMITED`; absent where nobody is limited */
  readonly admit:
    ((clientAddress: string, setResponseHeader: (name: string, value: string) => void) => Promise<void>) | undefined;
  readonly crossOrigin: CrossOriginOptions | undefined;
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

/** Renews the tokens in a page's cookies: `refreshTokens` for who cannot see them. */
export function addSessionRefresh(server: HttpServer, options: SessionRefreshOptions): void {
  const { refreshTokenOf, exchange, admit, crossOrigin, clientAddressOf, clientPlaceOf } = options;
  void server.register(async (scope) => {
    scope.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
    if (crossOrigin !== undefined) addCrossOrigin(scope, crossOrigin);
    scope.route({
      method: ['POST', 'OPTIONS'],
      url: sessionRefreshPath,
      bodyLimit: 1_024,
      handler: async (request, reply) => {
        // A form of another site would sign somebody out: what is refused below takes the cookies away.
        if (request.headers[sessionModeHeader] === undefined) {
          throw new AppError('BAD_USER_INPUT', `Header ${sessionModeHeader} is required`);
        }
        const address = clientAddressOf(request.raw);
        await admit?.(address, headerSetter(reply));
        const client = describeClient(request.raw, address, clientPlaceOf);
        const refreshToken = refreshTokenOf(request.raw);
        reply.header('cache-control', 'no-store');
        try {
          if (refreshToken === undefined) throw unauthenticated('SESSION_ENDED', 'No session is kept: sign in');
          const { sessionTokens, expiresIn } = await exchange({ refreshToken, client, requestId: request.id });
          tokenKeeper(headerSetter(reply))(sessionTokens);
          return await reply.send({ expiresIn });
        } catch (error) {
          // What is over is forgotten, so that the page can sign in.
          if (toAppError(error).code === 'UNAUTHENTICATED') {
            for (const cookie of sessionCookies(noSessionTokens)) reply.header('set-cookie', cookie);
          }
          throw error;
        }
      },
    });
  });
}
