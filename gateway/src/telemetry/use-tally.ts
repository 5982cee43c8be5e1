import { LatencyTally } from '@tessera/service/metrics';
import type { ObservedOperation } from './observe-operation.js';
import type { OperationOutcome } from './operation-metrics.js';

/** What is counted of one operation's name, or of one client's: plain numbers, which are read when somebody scrapes. */
export class UseTally {
  readonly outcomes: Record<OperationOutcome, number> = { ok: 0, partial: 0, failed: 0, refused: 0 };
  /** By the code of the first error. */
  readonly errors = new Map<string, number>();
  /** Streams are not in it: they last. */
  readonly latency = new LatencyTally();
  /** Sum of the estimates. */
  cost = 0;
  /** Executions whose answer was counted, and what these answers cost. */
  measured = 0;
  measuredCost = 0;
  subgraphRequests = 0;
  planMisses = 0;
  /** Queries that took no request to a subgraph. */
  localAnswers = 0;

  add(operation: ObservedOperation): void {
    const { kind, outcome, code, durationMs, cost = 0, measuredCost, subgraphRequests = 0 } = operation;
    this.outcomes[outcome] += 1;
    if (code !== undefined) this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    if (kind !== 'subscription') this.latency.add(durationMs / 1_000);
    this.cost += cost;
    this.subgraphRequests += subgraphRequests;
    if (operation.isPlanned === false) this.planMisses += 1;
    if (kind === 'query' && outcome === 'ok' && subgraphRequests === 0) this.localAnswers += 1;
    if (measuredCost === undefined) return;
    this.measured += 1;
    this.measuredCost += measuredCost;
  }
}
