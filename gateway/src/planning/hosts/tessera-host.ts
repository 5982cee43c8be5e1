import { parentPort, workerData } from 'node:worker_threads';
import { parse } from 'graphql';
import { beginBudget } from '../plan-budget.js';
import { createPlanDocument } from '../tessera/plan-document.js';
import { buildPublicSchema } from '../public-schema.js';
import type { HostReply, HostRequest } from './host-messages.js';
import { lowerThreadPriority } from './priority.js';
import { servePlans } from './serve-plans.js';
import type { ThreadHostData } from './thread-host.js';

function send(reply: HostReply): void {
  parentPort?.postMessage(reply);
}

const { niceness, maxPlanProcessorMs = Infinity } = workerData as ThreadHostData;
lowerThreadPriority(niceness);

/** Of this thread. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const serve = servePlans((supergraphSdl) => {
  const supergraph = parse(supergraphSdl, { noLocation: true });
  const publicSchema = buildPublicSchema(supergraph);
  const planDocument = createPlanDocument(supergraph, (typeName) => publicSchema.getType(typeName) === undefined);
  return (operation, operationName, roll) => ({
    kind: 'QueryPlan',
    node:
      planDocument(
        parse(operation, { noLocation: true }),
        operationName,
        roll,
        beginBudget(maxPlanProcessorMs, processorMs),
      ) ?? null,
  });
}, send);

parentPort?.on('message', (request: HostRequest) => void serve(request));
