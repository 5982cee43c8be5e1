import { Trace, type google } from '@apollo/usage-reporting-protobuf';
import type { Logger } from '@tessera/service/logging';
import type { FetchRequest, FlattenPath, PlanNode } from '../planning/query-plan.js';
import type { FetchRecord } from './fetch-record.js';

export interface PlanTraceOptions {
  readonly fetches: readonly FetchRecord[];
  /** Values of the operation's variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rootTypeName: 'Query' | 'Mutation' | 'Subscription';
  readonly logger: Logger;
}

/** Says in the words of Apollo's usage reporting how a plan was run. */
export function buildPlanTrace(plan: PlanNode | undefined, options: PlanTraceOptions): Trace.QueryPlanNode {
  const left = [...options.fetches];

  function traceFetch(fetch: FetchRequest): Trace.QueryPlanNode {
    const { serviceName, operation } = fetch;
    const index = left.findIndex(
      (record) => record.operation.subgraph === serviceName && record.operation.planned === operation,
    );
    const [record] = index === -1 ? [] : left.splice(index, 1);
    return new Trace.QueryPlanNode({
      fetch: new Trace.QueryPlanNode.FetchNode({ serviceName, ...describe(record, options) }),
    });
  }

  function trace(node: PlanNode | null | undefined): Trace.QueryPlanNode {
    switch (node?.kind) {
      case 'Fetch':
      case 'BatchFetch':
        return traceFetch(node);
      case 'Sequence':
        return new Trace.QueryPlanNode({ sequence: { nodes: node.nodes.map(trace) } });
      case 'Parallel':
        return new Trace.QueryPlanNode({ parallel: { nodes: node.nodes.map(trace) } });
      case 'Flatten':
        return new Trace.QueryPlanNode({
          flatten: { responsePath: toResponsePath(node.path), node: trace(node.node) },
        });
      case 'Condition': {
        const isMet = options.variables[node.condition] === true;
        const branch = trace(isMet ? node.ifClause : node.elseClause);
        const clause = isMet ? { ifClause: branch } : { elseClause: branch };
        return new Trace.QueryPlanNode({ condition: { condition: node.condition, ...clause } });
      }
      default:
        return new Trace.QueryPlanNode();
    }
  }

  return trace(plan);
}

function describe(record: FetchRecord | undefined, options: PlanTraceOptions): Trace.QueryPlanNode.IFetchNode {
  if (record === undefined) return {};
  const { sentAt, sentTimeOffset, receivedAt, ftv1 } = record;
  const times = {
    sentTimeOffset,
    sentTime: toTimestamp(sentAt),
    ...(receivedAt === undefined ? {} : { receivedTime: toTimestamp(receivedAt) }),
  };
  if (ftv1 === undefined) return times;
  try {
    const trace = Trace.decode(Buffer.from(ftv1, 'base64'));
    // Subgraphs may call their root types otherwise; the supergraph does not.
    for (const child of trace.root?.child ?? []) child.parentType = options.rootTypeName;
    return { ...times, trace, traceParsingFailed: false };
  } catch (error) {
    options.logger.error({ err: error, subgraph: record.operation.subgraph }, 'the trace of a subgraph cannot be read');
    return { ...times, traceParsingFailed: true };
  }
}

function toTimestamp(date: Date): google.protobuf.ITimestamp {
  const millis = date.getTime();
  return { seconds: Math.floor(millis / 1_000), nanos: (millis % 1_000) * 1e6 };
}

function toResponsePath(path: FlattenPath): Trace.QueryPlanNode.IResponsePathElement[] {
  return path.flatMap((segment) => {
    if (segment === '@') return [{ fieldName: segment }];
    return 'Field' in segment ? [{ fieldName: segment.Field }] : [];
  });
}
