import type { Logger } from '@tessera/service/logging';
import { LRUCache } from 'lru-cache';
import { unknownTenant, type AskTenant, type TenantFacts } from './ask-tenant.js';

export interface TenantDirectoryOptions {
  readonly ask: AskTenant;
  readonly logger: Logger;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** What is remembered of tenants. */
export interface TenantDirectory {
  /**
   * At once where it is known. The first request of a tenant waits, for a guessed plan would refuse what was paid for; so does
   * the first one after the tenant has changed. Never rejects: where nobody answers, what was known before holds on, and of
   * an unknown tenant nothing is switched off; the facts say then that they are uncertain.
   */
  factsOf(tenantId: string): TenantFacts | Promise<TenantFacts>;
  /** A tenant has changed: what is known of it, or being asked for, is not true any more. */
  changed(tenantId: string): void;
  /** Any tenant may have changed. */
  allChanged(): void;
  /** The same, said again and again because nobody is heard: who could not be asked for is left until it is time to ask again. */
  mayHaveChanged(): void;
}

interface KnownTenant {
  readonly facts: TenantFacts;
  readonly freshUntilMs: number;
  /** Whether it is known to be wrong. */
  readonly isOutdated: boolean;
}

interface Question {
  readonly answer: Promise<TenantFacts>;
  isOutdated: boolean;
}

/** So long a change may take to be noticed of which no message came. */
const freshMs = 30_000;
/** A subgraph that is away is asked again so often for each tenant. */
const failedForMs = 5_000;
/** A tenant that changes faster than it can be asked for is not asked for ever. */
const maxQuestions = 3;

/** Creates the directory over a question to the tenant subgraph. */
export function createTenantDirectory({ ask, logger, now = Date.now }: TenantDirectoryOptions): TenantDirectory {
  const known = new LRUCache<string, KnownTenant>({ max: 10_000 });
  const asking = new Map<string, Question>();

  const remember = (tenantId: string, facts: TenantFacts, forMs: number): TenantFacts => {
    known.set(tenantId, { facts, freshUntilMs: now() + forMs, isOutdated: false });
    return facts;
  };

  /** Asks again where the tenant has changed meanwhile: the answer may be of before. */
  const load = async (tenantId: string, isOutdated: () => boolean): Promise<TenantFacts> => {
    const before = known.get(tenantId)?.facts ?? unknownTenant;
    try {
      let facts = await ask(tenantId);
      for (let asked = 1; isOutdated() && asked < maxQuestions; asked += 1) facts = await ask(tenantId);
      return remember(tenantId, facts, freshMs);
    } catch (error) {
      logger.warn({ err: error }, "a tenant's plan and services cannot be asked for now");
      return remember(tenantId, { ...before, isUncertain: true }, failedForMs);
    } finally {
      asking.delete(tenantId);
    }
  };

  const loadOnce = (tenantId: string): Promise<TenantFacts> => {
    const underWay = asking.get(tenantId);
    if (underWay !== undefined) return underWay.answer;
    const isOutdated = (): boolean => {
      const wasOutdated = question.isOutdated;
      question.isOutdated = false;
      return wasOutdated;
    };
    const question: Question = { isOutdated: false, answer: Promise.resolve().then(() => load(tenantId, isOutdated)) };
    asking.set(tenantId, question);
    return question.answer;
  };

  const changed = (tenantId: string): void => {
    const question = asking.get(tenantId);
    if (question !== undefined) question.isOutdated = true;
    const found = known.peek(tenantId);
    if (found !== undefined) known.set(tenantId, { ...found, isOutdated: true });
  };

  const allTenants = (): Set<string> => new Set([...known.keys(), ...asking.keys()]);

  return {
    factsOf(tenantId) {
      const found = known.get(tenantId);
      if (found === undefined || found.isOutdated) return loadOnce(tenantId);
      if (found.freshUntilMs <= now()) void loadOnce(tenantId);
      return found.facts;
    },
    changed,
    allChanged() {
      for (const tenantId of allTenants()) changed(tenantId);
    },
    mayHaveChanged() {
      // Else every request would wait for a subgraph that does not answer.
      for (const tenantId of allTenants()) if (known.peek(tenantId)?.facts.isUncertain !== true) changed(tenantId);
    },
  };
}
