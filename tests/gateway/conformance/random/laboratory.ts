import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openProcessHost } from '@tessera/gateway/planning/hosts/process-host';
import { createPlannerPool, defaultPlannerLimits } from '@tessera/gateway/planning/hosts/planner-pool';
import { openThreadHost } from '@tessera/gateway/planning/hosts/thread-host';
import type { PlannerChoice } from '@tessera/gateway/planning/create-planner';
import { checkPlans } from '@tessera/gateway/planning/check-plans';
import { createFallbackPlanner } from '@tessera/gateway/planning/fallback-planner';
import type { HostedPlanner } from '@tessera/gateway/planning/planner';
import type { Supergraph } from '@tessera/gateway/planning/supergraph';
import { recycleHosts } from './recycle-hosts.js';
import { startSubgraphServer, type SubgraphServer } from './subgraph-server.js';

/** What random supergraphs need to run, one after the other. */
export interface Laboratory {
  readonly server: SubgraphServer;
  openPlanner(supergraph: Supergraph): HostedPlanner;
  /** How often Tessera's planner was asked in the native one's place, by the reason. */
  readonly fallbacks: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Compiled: neither a process nor a thread starts from sources. */
const hostFolder = pathToFileURL(`${findCompiled(import.meta.dirname)}/`);
/** @param maxPlanMs the longest that each planner may take for a plan */
export async function openLaboratory(choice: PlannerChoice, maxPlanMs: number): Promise<Laboratory> {
  const limits = { ...defaultPlannerLimits, maxHosts: 1, maxPlanMs, maxWaitMs: 60_000 };
  const server = await startSubgraphServer();
  const processes = recycleHosts((listener) => openProcessHost(new URL('native-host.js', hostFolder), listener));
  const apolloThreads = recycleHosts((listener) => openThreadHost(new URL('apollo-host.js', hostFolder), listener));
  const threads = recycleHosts((listener) => openThreadHost(new URL('tessera-host.js', hostFolder), listener));
  const fallbacks = new Map<string, number>();

  function onFallback({ cause, message }: Error): void {
    const [reason = ''] = (cause instanceof Error ? cause.message : message).split('\n');
    const kind = reason.replace(/'[^']*'/g, "'…'").replace(/\w*\d\w*/g, '…');
    fallbacks.set(kind, (fallbacks.get(kind) ?? 0) + 1);
  }

  function openPlanner(supergraph: Supergraph): HostedPlanner {
    const { sdl: supergraphSdl } = supergraph;
    const native = (isWary: boolean) =>
      checkPlans(createPlannerPool({ supergraphSdl, open: processes.open, limits }), supergraph, isWary);
    const apollo = () => createPlannerPool({ supergraphSdl, open: apolloThreads.open, limits });
    const tessera = () => createPlannerPool({ supergraphSdl, open: threads.open, limits: { ...limits, minHosts: 0 } });
    if (choice === 'native') return native(false);
    if (choice === 'apollo') return apollo();
    if (choice === 'tessera') return tessera();
    return createFallbackPlanner({ first: native(true), second: tessera(), onFallback });
  }

  return {
    server,
    openPlanner,
    fallbacks,
    async close() {
      processes.close();
      apolloThreads.close();
      threads.close();
      await server.close();
    },
  };
}

function findCompiled(folder: string): string {
  const compiled = join(folder, 'gateway/dist/planning/hosts');
  return existsSync(compiled) ? compiled : findCompiled(dirname(folder));
}
