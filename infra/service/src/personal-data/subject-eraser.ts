import { sqlOf, type EntityManager, type RunSql } from '../database/index.js';
import { appendToOutbox, createDomainEvent, type DomainEvent } from '../events/index.js';
import type { Job, Jobs } from '../jobs/index.js';
import type { DataScope } from '../tenancy/index.js';
import { countErased, eraseRows } from './erase-rows.js';
import {
  erasureCompletedEventType,
  erasureStartedEventType,
  erasureStartedSchema,
  legalHoldEventType,
  legalHoldSchema,
} from './erasure-events.js';
import type { DataInventory } from './inventory.js';
import type { Subject } from './subject.js';

const queue = 'erase-subject';
/** Somebody is erased now and then: nobody waits for it by the second. */
const pollingIntervalSeconds = 5;
/** An object store may be away for a day. */
const retryLimit = 1_000;
/** Until then what was under way when the erasure began (reports, uploads) has arrived, and goes too. */
const secondPassAfterSeconds = 2 * 60 * 60;

export interface SubjectEraserOptions {
  readonly subgraph: string;
  readonly inventory: DataInventory;
  readonly openScope: (subject: Subject) => DataScope;
  readonly jobs: Jobs;
  /** What is in no table and has to go before the rows do; safe to repeat. */
  readonly beforeRows?: ((subject: Subject, signal: AbortSignal) => Promise<void>) | undefined;
  /** How long what was granted before may still arrive: after that, if it is later than the second pass, there is a last one. */
  readonly lateArrivalSeconds?: number | undefined;
}

/** One subgraph's part in erasing tenants and people: hears of it, does it in a job, and reports it. */
export class SubjectEraser {
  readonly types = [erasureStartedEventType, legalHoldEventType];
  readonly #options: SubjectEraserOptions;

  constructor(options: SubjectEraserOptions) {
    this.#options = options;
  }

  /** Plans the job in the transaction that remembers the event; or remembers who is on legal hold. */
  async handle({ type, payload, occurredAt }: DomainEvent, entityManager: EntityManager): Promise<void> {
    const query = sqlOf(entityManager);
    if (type === legalHoldEventType) {
      const { subject, isHeld } = legalHoldSchema.parse(payload);
      await rememberHold(query, subject, isHeld, occurredAt);
      return;
    }
    const started = erasureStartedSchema.parse(payload);
    await this.#options.jobs.send(queue, started, { executor: query, singletonKey: started.erasureId, retryLimit });
  }

  async registerJobs(): Promise<void> {
    await this.#options.jobs.work(queue, (job) => this.#erase(job), { pollingIntervalSeconds });
  }

  async #erase({ payload, signal }: Job): Promise<void> {
    const { inventory, openScope, beforeRows, subgraph, jobs } = this.#options;
    const { erasureId, subject } = erasureStartedSchema.parse(payload);
    await beforeRows?.(subject, signal);
    await eraseRows({ inventory, subject, erasureId, openScope: () => openScope(subject), signal });
    if (subject.kind === 'person') {
      // What jobs were about: they stay for a week after they are done. Ours are how an erasure goes on.
      await openScope(subject).write((entityManager) =>
        jobs.forget(subject.id, { executor: sqlOf(entityManager), exceptQueue: queue }),
      );
    }
    if (payload['isSecondPass'] === true) return;
    await openScope(subject).write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const counts = await countErased(entityManager, erasureId);
      const report = { type: erasureCompletedEventType, payload: { erasureId, subgraph, counts } };
      await appendToOutbox(query, [createDomainEvent(report)]);
      const again = { erasureId, subject: { ...subject }, isSecondPass: true };
      for (const startAfterSeconds of this.#laterPasses()) {
        const singletonKey = `${erasureId} after ${startAfterSeconds}`;
        await jobs.send(queue, again, { executor: query, startAfterSeconds, singletonKey, retryLimit });
      }
    });
  }

  #laterPasses(): readonly number[] {
    const { lateArrivalSeconds = 0 } = this.#options;
    return [secondPassAfterSeconds, ...(lateArrivalSeconds > secondPassAfterSeconds ? [lateArrivalSeconds] : [])];
  }
}

/** Events may arrive in any order: the later one is true. */
async function rememberHold(query: RunSql, { kind, id }: Subject, isHeld: boolean, changedAt: string): Promise<void> {
  await query(
    `insert into held_subject (kind, subject_id, is_held, changed_at) values ($1, $2, $3, $4)
     on conflict (kind, subject_id) do update set is_held = excluded.is_held, changed_at = excluded.changed_at
       where held_subject.changed_at < excluded.changed_at`,
    [kind, id, isHeld, changedAt],
  );
}
