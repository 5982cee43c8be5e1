import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import { maxWindowSeconds } from '../alert-rules/alert-rule-input.js';
import type { AnnounceAlertChanges } from '../alert-rules/alert-rule.service.js';
import { applyTransitions, type AlertTransition } from '../alerts/alert-transitions.js';
import { decide } from './decide.js';
import type { EvaluatorLease } from './evaluator-lease.js';
import { observeRules } from './observe-rules.js';

export interface AlertEvaluatorOptions {
  readonly lease: EvaluatorLease;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly announce: AnnounceAlertChanges;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** What is older than the longest window is of no use to any rule. */
const observedLifeSeconds = 2 * maxWindowSeconds;
const pruneEveryRounds = 60;

/** Evaluates all rules of all tenants at an interval, on whichever instance holds the lease. */
export class AlertEvaluator {
  readonly #options: AlertEvaluatorOptions;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #rounds = 0;
  #isStopped = false;

  constructor(options: AlertEvaluatorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(0);
  }

  /** Finishes the round in hand and gives the lease to whoever comes next. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.#options.lease.release();
  }

  /** Rounds never overlap; one that takes longer than the interval is followed by the next at once. */
  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const startedMs = performance.now();
      this.#round = this.#runRound().finally(() => {
        const elapsedMs = performance.now() - startedMs;
        if (!this.#isStopped) this.#schedule(Math.max(0, this.#options.intervalMs - elapsedMs));
      });
    }, delayMs);
  }

  async #runRound(): Promise<void> {
    const { lease, logger } = this.#options;
    try {
      if (!(await lease.hold())) return;
      await this.#evaluate();
      this.#rounds += 1;
      if (this.#rounds % pruneEveryRounds === 0) await this.#prune();
    } catch (error) {
      logger.warn({ err: error }, 'alert rules could not be evaluated');
    }
  }

  async #evaluate(): Promise<void> {
    const scope = this.#options.serviceScope();
    const observations = await scope.read(observeRules).finally(() => scope.close());
    const byTenant = new Map<string, AlertTransition[]>();
    for (const observation of observations) {
      const transition = decide(observation);
      if (transition === undefined) continue;
      byTenant.set(observation.tenantId, [...(byTenant.get(observation.tenantId) ?? []), transition]);
    }
    for (const [tenantId, transitions] of byTenant) await this.#apply(tenantId, transitions);
  }

  /** Each tenant in a transaction of its own: what fails for one does not hold up the others. */
  async #apply(tenantId: string, transitions: readonly AlertTransition[]): Promise<void> {
    const { serviceScope, announce, logger } = this.#options;
    try {
      const hasChanged = await serviceScope(tenantId).write((entityManager) =>
        applyTransitions(entityManager, tenantId, transitions),
      );
      if (hasChanged) announce(tenantId);
    } catch (error) {
      logger.error({ err: error }, 'alerts of a tenant could not be changed');
    }
  }

  async #prune(): Promise<void> {
    await this.#options.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const isOld = '< now() - make_interval(secs => $1)';
      await query(`delete from usage_sample where reported_at ${isOld}`, [observedLifeSeconds]);
      await query(`delete from event_second where second ${isOld}`, [observedLifeSeconds]);
    });
  }
}
