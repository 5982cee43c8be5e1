import { withActiveSpan, type TracedSpan, type Tracing } from '@tessera/service/tracing';
import type { RequestContext } from '../context.js';
import { codeOf, formatErrors } from '../transport/format-error.js';
import { observeDeferral } from './observe-deferral.js';
import { outcomeOf } from './observe-operation.js';
import type { OperationHandler, ReadyOperation } from '../transport/operation-handler.js';

/**
 * Makes every operation a span, the parent of its planning, of its subgraph requests and of Redis commands on its way.
 * Named by OpenTelemetry's conventions for GraphQL servers; the document and its variables are left out.
 *
 * @returns the handler itself where nothing is traced
 */
export function traceOperations(handler: OperationHandler, tracing: Tracing | undefined): OperationHandler {
  if (tracing === undefined) return handler;
  return {
    ...handler,
    authenticate: (...credentials) => handler.authenticate(...credentials),
    async prepare(request, context) {
      const parent = context.beginsTrace ? undefined : context.traceparent;
      const span = tracing.begin('GraphQL operation', parent, { attributes: attributesOf(context) });
      try {
        const traced = { ...context, traceparent: span.traceparent };
        return traceRun(await withActiveSpan(span, () => handler.prepare(request, traced)), span);
      } catch (error) {
        span.fail(codeOf({ errors: formatErrors(error, context.requestId) }));
        span.end();
        throw error;
      }
    },
  };
}

function traceRun(ready: ReadyOperation, span: TracedSpan): ReadyOperation {
  span.rename(ready.kind);
  span.annotate({ 'graphql.operation.type': ready.kind });
  return {
    ...ready,
    async run(context) {
      const traced = { ...context, traceparent: span.traceparent };
      const answer = await withActiveSpan(span, () => ready.run(traced));
      if (outcomeOf(answer) !== 'ok') span.fail(codeOf(answer));
      span.end();
      return answer;
    },
    ...(ready.runDeferred !== undefined && { runDeferred: traceDeferral(ready.runDeferred, span) }),
    subscribe(context) {
      // A stream may last for days: its span tells of its opening.
      span.end();
      return ready.subscribe({ ...context, traceparent: span.traceparent });
    },
  };
}

function traceDeferral(
  run: NonNullable<ReadyOperation['runDeferred']>,
  span: TracedSpan,
): NonNullable<ReadyOperation['runDeferred']> {
  return async (context) => {
    const answer = await withActiveSpan(span, () => run({ ...context, traceparent: span.traceparent }));
    if (outcomeOf(answer.first) !== 'ok') span.fail(codeOf(answer.first));
    return observeDeferral(answer, () => span.end());
  };
}

function attributesOf({ requestId, clientName, clientVersion }: RequestContext) {
  return {
    'tessera.request.id': requestId,
    'tessera.client.name': clientName,
    'tessera.client.version': clientVersion,
  };
}
