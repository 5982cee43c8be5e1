import { parentPort, workerData } from 'node:worker_threads';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { isRolledOut, readRollOut } from '../roll-out.js';
import type { HostReply, HostRequest } from './host-messages.js';
import { lowerThreadPriority } from './priority.js';
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
  const labels = readRollOut(parse(supergraphSdl, { noLocation: true }))?.labels ?? [];
  return (operation, operationName, roll) => {
    const named = operationName === undefined ? {} : { operationName };
    const plan = planner.buildQueryPlan(operationFromDocument(schema, parse(operation), named), {
      overrideConditions: new Map(labels.map((label) => [label, isRolledOut(label, roll)])),
    });
    return { kind: 'QueryPlan', node: translateApolloPlan(plan) ?? null };
  };
}, send);

parentPort?.on('message', (request: HostRequest) => void serve(request));
