import { AppError } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf } from '@tessera/service/http';
import { tokenPath, type ClientDetails } from '@tessera/service/identity';
import type { FastifyInstance } from 'fastify';
import { describeClient } from '../client-side.js';
import { headerSetter } from './send-answer.js';

const formType = 'application/x-www-form-urlencoded';
const maxBodyBytes = 16_384;

/** A token request as it goes on to auth. */
export interface ForwardedTokenRequest {
  readonly body: string;
  readonly authorization: string | undefined;
  readonly client: ClientDetails;
  readonly requestId: string;
}

export interface TokenEndpointOptions {
  /** Sends a request to auth. @throws AppError `SUBGRAPH_UNAVAILABLE` */
  readonly forward: (request: ForwardedTokenRequest) => Promise<{
    readonly status: number;
    readonly body: string;
    /** `WWW-Authenticate`, where there is one. */
    readonly challenge: string | undefined;
  }>;
  /** @throws AppError `RATE_LIMITED`; absent where nobody is limited */
  readonly admit:
    ((clientAddress: string, setResponseHeader: (name: string, value: string) => void) => Promise<void>) | undefined;
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

/** Serves the token endpoint for programs (RFC 6749, 3.2), which auth answers behind it. */
export function addTokenEndpoint(
  server: FastifyInstance,
  { forward, admit, clientAddressOf, clientPlaceOf }: TokenEndpointOptions,
): void {
  // In a scope of its own: no other route takes forms.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(formType, { parseAs: 'string', bodyLimit: maxBodyBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Body: string }>(tokenPath, async (request, reply) => {
      const { headers, body } = request;
      if (typeof body !== 'string') throw new AppError('BAD_USER_INPUT', `The body must be of type ${formType}`);
      const address = clientAddressOf(request.raw);
      await admit?.(address, headerSetter(reply));
      const client = describeClient(request.raw, address, clientPlaceOf);
      const answer = await forward({ body, authorization: headers.authorization, client, requestId: request.id });
      reply.status(answer.status).type('application/json').header('cache-control', 'no-store');
      if (answer.challenge !== undefined) reply.header('www-authenticate', answer.challenge);
      return reply.send(answer.body);
    });
  });
}
