import { toAppError } from '@tessera/service/errors';
import { activeSpan, withActiveSpan, type SpanOptions } from '@tessera/service/tracing';
import type { SubgraphClient } from '../execution/subgraph-client.js';
import type { Planner } from '../planning/planner.js';

/** Makes every request to a subgraph a span of its operation, and the subgraph's own spans a part of it. */
export function traceSubgraphClient(client: SubgraphClient): SubgraphClient {
  return {
    async send(request, context) {
      const { subgraph, kind } = request.operation;
      const attributes = { 'tessera.subgraph': subgraph, 'graphql.operation.type': kind };
      return traced(`subgraph ${subgraph}`, { kind: 'client', attributes }, (traceparent) =>
        client.send(request, traceparent === undefined ? context : { ...context, traceparent }),
      );
    },
    close: () => client.close(),
  };
}

/** Makes every plan that was not known yet a span of the operation that asked for it. */
export function tracePlanner<AnyPlanner extends Planner>(planner: AnyPlanner): AnyPlanner {
  return {
    ...planner,
    plan: (...request: Parameters<Planner['plan']>) => traced('plan', {}, () => planner.plan(...request)),
  };
}

async function traced<Result>(
  name: string,
  options: SpanOptions,
  work: (traceparent: string | undefined) => Promise<Result>,
): Promise<Result> {
  const span = activeSpan()?.child(name, options);
  if (span === undefined) return work(undefined);
  try {
    return await withActiveSpan(span, () => work(span.traceparent));
  } catch (error) {
    span.fail(toAppError(error).code);
    throw error;
  } finally {
    span.end();
  }
}
