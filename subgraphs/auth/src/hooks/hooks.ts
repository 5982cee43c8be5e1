import { newId, type RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { JsonObject } from '@tessera/service/json';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { WebhookSender } from '@tessera/service/webhooks';
import { z } from 'zod';
import type { HookSettings } from './hook-fields.js';

/** What hooks are about. */
export type HookSubject = 'signUp' | 'signIn';

export const hookQueue = 'hook';

export interface HooksOptions {
  readonly settings: HookSettings;
  readonly sender: WebhookSender;
  readonly jobs: Pick<Jobs, 'send'>;
  readonly logger: Logger;
}

const answerSchema = z.object({ allow: z.boolean().default(true), message: plainTextSchema(200).optional() });

/** How often who is to be told afterwards is tried, with growing delays: for about a day. */
const retryLimit = 12;

/** Asks somebody else whether a person may sign up or in, and tells who wants to know that one has. */
export class Hooks {
  constructor(private readonly options: HooksOptions) {}

  /**
   * Asks. Never inside a transaction: it takes as long as somebody else takes.
   *
   * @returns why not; undefined where it may go on
   */
  async ask(subject: HookSubject, data: JsonObject): Promise<AppError | undefined> {
    const { settings, sender, logger } = this.options;
    const url = this.#urlOf(subject, 'before');
    if (url === undefined) return undefined;
    const id = `msg_${newId()}`;
    const body = bodyOf(`${subject}.before`, data);
    const { HOOK_SECRET: secrets = [], HOOK_TIMEOUT_MS: timeoutMs } = settings;
    const outcome = await sender.send({ url, secrets, id, body, timeoutMs });
    const answer = outcome.kind === 'delivered' ? readAnswer(outcome.body) : undefined;
    if (answer === undefined) {
      const reason = outcome.kind === 'delivered' ? 'The answer cannot be read' : outcome.reason;
      logger.warn({ hook: `${subject}.before`, reason }, 'a hook has not answered');
      if (settings.HOOK_UNANSWERED === 'allow') return undefined;
      return new AppError('SUBGRAPH_UNAVAILABLE', 'This cannot be decided at present: try again later');
    }
    return answer.allow ? undefined : new AppError('FORBIDDEN', answer.message ?? 'This is not allowed');
  }

  /** Whether {@link plan} does anything. */
  tells(subject: HookSubject): boolean {
    return this.#urlOf(subject, 'after') !== undefined;
  }

  /** Plans the news of what happens in a transaction, with it. */
  async plan(query: RunSql, subject: HookSubject, data: JsonObject): Promise<void> {
    if (!this.tells(subject)) return;
    const { settings, jobs } = this.options;
    // What is asked about after the commit may still be refused.
    const isAsked = subject === 'signIn' && settings.HOOK_BEFORE_SIGN_IN_URL !== undefined;
    const startAfterSeconds = isAsked ? Math.ceil(settings.HOOK_TIMEOUT_MS / 1_000) + 2 : 0;
    await jobs.send(hookQueue, { subject, data }, { executor: query, startAfterSeconds, retryLimit });
  }

  /** Tells it. @throws Error where another attempt may succeed; @returns why none will */
  async tell(subject: HookSubject, data: JsonObject, jobId: string): Promise<string | undefined> {
    const url = this.#urlOf(subject, 'after');
    if (url === undefined) return undefined;
    const { settings, sender } = this.options;
    const { HOOK_SECRET: secrets = [] } = settings;
    const body = bodyOf(`${subject}.after`, data);
    const outcome = await sender.send({ url, secrets, id: `msg_${jobId}`, body });
    if (outcome.kind === 'retryable') throw new Error(`A hook was not taken: ${outcome.reason}`);
    return outcome.kind === 'final' ? outcome.reason : undefined;
  }

  #urlOf(subject: HookSubject, when: 'before' | 'after'): string | undefined {
    const { settings } = this.options;
    if (subject === 'signUp') {
      return when === 'before' ? settings.HOOK_BEFORE_SIGN_UP_URL : settings.HOOK_AFTER_SIGN_UP_URL;
    }
    return when === 'before' ? settings.HOOK_BEFORE_SIGN_IN_URL : settings.HOOK_AFTER_SIGN_IN_URL;
  }
}

function bodyOf(type: string, data: JsonObject): string {
  return JSON.stringify({ type, data });
}

/** Who answers with nothing lets everybody in. @returns undefined for what cannot be read */
function readAnswer(body: string | undefined): z.infer<typeof answerSchema> | undefined {
  if (body === undefined) return undefined;
  try {
    return answerSchema.safeParse(body.trim() === '' ? {} : JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
