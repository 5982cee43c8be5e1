import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { AppError } from '../errors/index.js';
import { codeOfGraphql, formatSubgraphError, fromResolverError } from '../graphql/index.js';
import { signatureRefused, verifyPrincipal, type SignedCaller } from '../identity/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { Gate } from '../overload/index.js';
import type { SubgraphContext } from './context.js';
import { gateRequests } from './gate-requests.js';
import type { CreateRequestContext } from './request-context.js';

export const graphqlPath = '/graphql';

export interface GraphqlRouteOptions {
  /** Its name: what requests to it are signed for. */
  readonly subgraph: string;
  readonly schema: GraphQLSchema;
  readonly principalSecrets: readonly string[];
  /** What requests wait at for their turn. */
  readonly gate: Gate;
  readonly createRequestContext: CreateRequestContext;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}

/** Serves GraphQL to gateways, and to nobody else: a request that no gateway signed is refused before it is looked at. */
export async function addGraphqlRoute(server: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { subgraph, principalSecrets, gate, createRequestContext, lifecycle } = options;
  const apollo = createApolloServer(options);
  await apollo.start();
  lifecycle.defer('apollo server', () => apollo.stop());
  const callers = new WeakMap<FastifyRequest, SignedCaller>();
  const standAside = () => gate.standAside();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    try {
      // The signature covers the exact bytes, so it is checked here, where they are still at hand.
      const signed = { audience: subgraph, method: request.method, path: graphqlPath, body };
      callers.set(request, verifyPrincipal(principalSecrets, signed, request.headers, Date.now()));
      done(null, parseJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
  const shareOf = (request: FastifyRequest): string => {
    const principal = callers.get(request)?.principal;
    return principal?.tenantId ?? principal?.kind ?? 'nobody';
  };
  server.post(
    graphqlPath,
    { preHandler: gateRequests(gate, shareOf) },
    fastifyApolloHandler(apollo, {
      context: async (request) => {
        const caller = callers.get(request);
        if (caller === undefined) throw signatureRefused('SIGNATURE_MISSING');
        return createRequestContext(caller, request.id, standAside);
      },
    }),
  );
}

function createApolloServer({ schema, logger }: GraphqlRouteOptions): ApolloServer<SubgraphContext> {
  return new ApolloServer<SubgraphContext>({
    schema,
    formatError: formatSubgraphError,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    // Browsers never get through to this port: every request carries a signature that no page can make.
    csrfPrevention: false,
    stopOnTerminationSignals: false,
    logger,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      requestPlugin(logger),
    ],
  });
}

/** Logs what nobody expected, and ends the request's reading before the answer leaves. */
const requestPlugin = (logger: Logger): ApolloServerPlugin<SubgraphContext> => ({
  requestDidStart: async () => ({
    didEncounterErrors: async ({ contextValue, errors }) => {
      for (const thrown of errors) {
        const { originalError, path } = thrown;
        if (originalError === undefined || codeOfGraphql(thrown) !== undefined) continue;
        const error = fromResolverError(originalError);
        const { requestId } = contextValue;
        logger[error.traits.logLevel](
          { requestId, err: error.cause ?? error, code: error.code, path },
          'resolver failed',
        );
      }
    },
    willSendResponse: async ({ contextValue, response }) => {
      for (const [name, value] of contextValue.responseHeaders) response.http.headers.set(name, value);
      contextValue.scope.close();
    },
  }),
});

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'The body is not valid JSON', { cause: error });
  }
}
