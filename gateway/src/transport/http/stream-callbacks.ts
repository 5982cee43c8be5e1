import type { FastifyInstance } from 'fastify';
import { parseJsonBody } from './parse-json-body.js';
import { sendFault } from './send-answer.js';

/** Where subgraphs send the events of streams by requests of their own. */
export interface StreamCallbacks {
  /** `/callback`; a stream's id follows. */
  readonly path: string;
  readonly maxBodyBytes: number;
  /** Whether there is such a stream: of any other not even the body is read. */
  isOpen(id: string): boolean;
  /** @returns an HTTP status */
  receive(id: string, body: unknown): number;
}

const answerHeaders = { 'subscription-protocol': 'callback/1.0' };

/** Serves Apollo's HTTP callback protocol. A subgraph that is answered 404 sends no more. */
export function addStreamCallbacks(server: FastifyInstance, callbacks: StreamCallbacks): void {
  const { path, maxBodyBytes: bodyLimit } = callbacks;
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit }, (_request, body, done) => {
      done(null, parseJsonBody(String(body)));
    });
    scope.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
    scope.addHook<{ Params: { id: string } }>('onRequest', (request, reply, done) => {
      void reply.headers(answerHeaders);
      if (callbacks.isOpen(request.params.id)) done();
      else void reply.code(404).send();
    });
    scope.post<{ Params: { id: string } }>(`${path}/:id`, { bodyLimit }, async ({ params, body }, reply) =>
      reply.code(callbacks.receive(params.id, body)).send(),
    );
  });
}
