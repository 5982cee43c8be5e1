import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { tokenPath, verifyPrincipal } from '@tessera/service/identity';
import { TokenRefusal } from './token-refusal.js';
import { parseTokenRequest } from './token-request.js';
import type { TokenService } from './token.service.js';

const formType = 'application/x-www-form-urlencoded';
const maxBodyBytes = 16_384;

/** The OAuth 2.0 token endpoint for programs; gateways pass requests on to it, signed like all of theirs. */
export async function addTokenRoute(
  server: HttpServer,
  tokens: TokenService,
  principalSecrets: readonly string[],
): Promise<void> {
  // In a scope of its own: no other route takes forms.
  await server.register(async (scope) => {
    scope.addContentTypeParser(formType, { parseAs: 'string', bodyLimit: maxBodyBytes }, (_request, body, done) =>
      done(null, body),
    );
    scope.post<{ Body: string }>(tokenPath, async ({ headers, body }, reply) => {
      const text = typeof body === 'string' ? body : '';
      const signed = { audience: 'auth', method: 'POST', path: tokenPath, body: text };
      const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
      if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'Tokens are asked for through a gateway');
      reply.header('cache-control', 'no-store');
      try {
        return await reply.send(await tokens.grant(parseTokenRequest(text, headers.authorization)));
      } catch (error) {
        if (!(error instanceof TokenRefusal)) throw error;
        if (error.code === 'invalid_client') reply.header('www-authenticate', 'Basic realm="tessera"');
        reply.status(error.code === 'invalid_client' ? 401 : 400);
        return reply.send({ error: error.code, error_description: error.message });
      }
    });
  });
}
