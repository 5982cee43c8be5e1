import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { getOperationAST, parse, type DocumentNode } from 'graphql';
import type { PlanNode } from '../query-plan.js';
import type { HostReply, HostRequest } from './host-messages.js';
import { anchorObjects } from './anchor-objects.js';
import { lowerThreadPriority } from './priority.js';
import { planByConditions } from './plan-by-conditions.js';
import { servePlans } from './serve-plans.js';
import type { ThreadHostData } from './thread-host.js';
import { translateApolloPlan } from './translate-apollo-plan.js';

function send(reply: HostReply): void {
  parentPort?.postMessage(reply);
}

lowerThreadPriority((workerData as ThreadHostData).niceness);

const serve = servePlans((supergraphSdl) => {
  // Whatever features it links: what they mean is the guards' matter, the planner only has to bear them.
  const supergraph = Supergraph.build(supergraphSdl, { supportedFeatures: null, validateSupergraph: false });
  const schema = supergraph.apiSchema();
  // Plans are kept by the gateway, and fragments are found again by text: both would cost here and bring nothing.
  const planner = new QueryPlanner(supergraph, { reuseQueryFragments: false });
  const planDocument = (document: DocumentNode, operationName: string | undefined): PlanNode | undefined =>
    translateApolloPlan(
      planner.buildQueryPlan(
        operationFromDocument(schema, document, operationName === undefined ? {} : { operationName }),
      ),
    );
  return async (operation, operationName) => {
    const document = anchorObjects(parse(operation));
    const isStream = getOperationAST(document, operationName)?.operation === 'subscription';
    // A stream cannot be opened on a condition.
    const node = isStream
      ? planDocument(document, operationName)
      : await planByConditions(document, (decided) => Promise.resolve(planDocument(decided, operationName)));
    return { kind: 'QueryPlan', node: node ?? null };
  };
}, send);

parentPort?.on('message', (request: HostRequest) => void serve(request));
