import { sqlOf } from '@tessera/service/database';
import { maxWindowSeconds } from '../alert-rules/alert-rule-input.js';
import { evaluateTenants, isTenantFault, maxObservationMs, type EvaluateTenantsOptions } from './evaluate-tenants.js';
import type { EvaluatorLease } from './evaluator-lease.js';
import { TenantsApart } from './tenants-apart.js';
import { groupTenants, listWatchedTenants } from './watched-tenants.js';

export interface AlertEvaluatorOptions extends EvaluateTenantsOptions {
  readonly lease: EvaluatorLease;
  readonly intervalMs: number;
}

/** What is older than the longest window is of no use to any rule. */
const observedLifeSeconds = 2 * maxWindowSeconds;
const pruneEveryRounds = 60;

/** Enough that many tenants with few rules are few statements, and so few that one tenant may fill a group. */
const maxGroupRules = 400;

/** A tenant that takes longer alone, in milliseconds, would take too much of a group's time. */
const maxSharedMs = maxObservationMs / 10;

/**
 * Evaluates the rules of all tenants at an interval, on whichever instance holds the lease: in groups, and those whose group
 * failed apart from the others, one by one beside the rounds, so that who is slow makes nobody else wait.
 */
export class AlertEvaluator {
  readonly #options: AlertEvaluatorOptions;
  readonly #apart = new TenantsApart();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #pass: Promise<void> = Promise.resolve();
  #isPassRunning = false;
  #rounds = 0;
  #isStopped = false;

  constructor(options: AlertEvaluatorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#schedule(0);
  }

  /** Finishes what is in hand and gives the lease to whoever comes next. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#round;
    await this.#pass;
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
    await this.#logged('alert rules could not be evaluated', async () => {
      if (!(await this.#options.lease.hold())) return;
      this.#rounds += 1;
      if (this.#rounds % pruneEveryRounds === 0) {
        await this.#logged('what rules no longer look at could not be deleted', () => this.#prune());
      }
      this.#beginPass();
      await this.#evaluateGroups();
    });
  }

  async #evaluateGroups(): Promise<void> {
    const scope = this.#options.serviceScope();
    const watched = await scope.read(listWatchedTenants).finally(() => scope.close());
    const shared = watched.filter(({ tenantId }) => !this.#apart.has(tenantId));
    for (const tenantIds of groupTenants(shared, maxGroupRules)) {
      try {
        await evaluateTenants(this.#options, tenantIds);
      } catch (error) {
        if (!isTenantFault(error)) throw error;
        const { logger } = this.#options;
        logger.warn({ err: error, tenants: tenantIds.length }, 'tenants are evaluated apart: together, they failed');
        this.#apart.add(tenantIds);
      }
    }
  }

  /** One pass at a time, each as long as it takes. */
  #beginPass(): void {
    if (this.#isPassRunning) return;
    this.#isPassRunning = true;
    this.#pass = this.#logged('tenants could not be evaluated apart', () => this.#evaluateApart()).finally(() => {
      this.#isPassRunning = false;
    });
  }

  async #evaluateApart(): Promise<void> {
    this.#apart.beginPass();
    for (let tenantId = this.#apart.takeTurn(); tenantId !== undefined; tenantId = this.#apart.takeTurn()) {
      if (this.#isStopped) return;
      await this.#evaluateAlone(tenantId);
    }
  }

  async #evaluateAlone(tenantId: string): Promise<void> {
    const startedMs = performance.now();
    try {
      await evaluateTenants(this.#options, [tenantId]);
      if (performance.now() - startedMs < maxSharedMs) this.#apart.delete(tenantId);
    } catch (error) {
      if (!isTenantFault(error)) throw error;
      this.#options.logger.warn({ err: error, tenantId }, 'alert rules of a tenant could not be evaluated');
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

  /** Whatever fails, the next round tries again. */
  async #logged(message: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.logger.warn({ err: error }, message);
    }
  }
}
