import type { MikroORM } from '@mikro-orm/postgresql';
import { maxTextLength } from './kept-statements.js';
import { settingsStatement, type Preliminary, type SessionSettings } from './preliminary.js';

/** What takes longer than this is planned for its values next time: planning is nothing beside it. */
const slowMs = 200;
/** For how long at first, as it may have been the machine; twice as long each time it is slow again soon after, up to the most. */
const firstPauseMs = 1_000;
const maxPauseMs = 600_000;
/** So many pauses after a pause are soon. */
const soon = 10;
/** Of so many texts it is known at a time. */
const maxTexts = 256;

const byOrm = new WeakMap<MikroORM, SlowPlans>();

/** With it a statement is planned for its values, though it is kept. */
export const ownPlan: SessionSettings = { plan_cache_mode: 'force_custom_plan' };

interface Pause {
  readonly untilMs: number;
  readonly forMs: number;
}

/** How one statement ran, by a monotonic clock. */
export interface Run {
  readonly startMs: number;
  readonly nowMs: number;
  readonly hadOwnPlan: boolean;
}

/**
 * Statements of a database that took long. PostgreSQL makes one plan of a kept statement for all values, where by its estimate
 * that is as good as plans for each, and saves planning, which costs more than a small read itself. But tenants differ: a
 * plan that is right for most may be the wrong one for the largest. It waits for that a few times, and from then on seldom.
 */
export class SlowPlans {
  readonly #ownPlan = settingsStatement(ownPlan);
  /** How long the plan for all values is not used, the one that was slow last at the end. */
  readonly #pauses = new Map<string, Pause>();

  static of(orm: MikroORM): SlowPlans {
    const plans = byOrm.get(orm) ?? new SlowPlans();
    byOrm.set(orm, plans);
    return plans;
  }

  /** What is to be sent before a statement, where it needs a plan of its own. */
  preliminaryOf(text: string, nowMs: number): Preliminary | undefined {
    const pause = this.#pauses.get(text);
    return pause !== undefined && nowMs < pause.untilMs ? this.#ownPlan : undefined;
  }

  /** To be called after each statement, also after one that failed: it may have been ended because it took too long. */
  note(text: string, { startMs, nowMs, hadOwnPlan }: Run): void {
    if (nowMs - startMs < slowMs || text.length > maxTextLength) return;
    const last = this.#pauses.get(text);
    // Slow by a plan of its own, too: it is not the plan for all, but what is asked, or a machine that is busy.
    if (hadOwnPlan) this.#pauses.delete(text);
    // What was under way while another one was found slow says nothing new.
    else if (last === undefined || startMs >= last.untilMs) this.#pause(text, last, { startMs, nowMs });
  }

  #pause(text: string, last: Pause | undefined, { startMs, nowMs }: Omit<Run, 'hadOwnPlan'>): void {
    const isSoon = last !== undefined && startMs < last.untilMs + soon * last.forMs;
    const forMs = isSoon ? Math.min(last.forMs * 2, maxPauseMs) : firstPauseMs;
    this.#pauses.delete(text);
    this.#pauses.set(text, { untilMs: nowMs + forMs, forMs });
    const [oldest] = this.#pauses.keys();
    if (oldest !== undefined && this.#pauses.size > maxTexts) this.#pauses.delete(oldest);
  }
}
