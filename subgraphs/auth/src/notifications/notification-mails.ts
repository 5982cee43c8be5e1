import { sqlOf } from '@tessera/service/database';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import { isRefusedMail, mailLanguageOf, mailRetryLimit, type Mailer } from '@tessera/service/mail';
import type { EventHandler } from '@tessera/service/subgraph';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { renderTemplate } from '../emails/render-mail.js';
import { notificationTemplates } from './notification-templates.js';

const queue = 'notification-mail';

const dueSchema = z.object({
  userId: z.uuid(),
  kind: z.string(),
  data: z.record(z.string(), z.json()),
  /** Not while the person wants to be left alone; null: at once. */
  notBefore: z.iso.datetime().nullable(),
});

/** What others have called things: kept to a line, and short. */
const wordSchema = z
  .union([z.string(), z.number()])
  .transform((word) =>
    String(word)
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .slice(0, 200),
  )
  .catch('—');
const wordsSchema = z.object({ tenantName: wordSchema, ruleName: wordSchema, meter: wordSchema, percent: wordSchema });

/** Plans the mails that the user subgraph asks for, in the transaction that has heard of them. */
export function planNotificationMails(jobs: Jobs): EventHandler {
  return {
    types: ['notification.mailDue'],
    async handle({ payload }, entityManager) {
      const { userId, kind, data, notBefore } = dueSchema.parse(payload);
      const waitMs = notBefore === null ? 0 : Date.parse(notBefore) - Date.now();
      await jobs.send(
        queue,
        { userId, kind, data },
        {
          executor: sqlOf(entityManager),
          startAfterSeconds: Math.max(0, Math.ceil(waitMs / 1_000)),
          retryLimit: mailRetryLimit,
        },
      );
    },
  };
}

export interface NotificationMailsOptions {
  readonly mailer: Mailer;
  readonly openScope: () => DataScope;
  /** Where the front end is. */
  readonly appUrl: string;
}

const jobSchema = dueSchema.omit({ notBefore: true });

/** Works on them: to the address, and in the language, that the person has by then. */
export async function sendNotificationMails(jobs: Jobs, options: NotificationMailsOptions): Promise<void> {
  const { mailer, openScope, appUrl } = options;
  const send: JobHandler = async ({ id, payload }) => {
    const { userId, kind, data } = jobSchema.parse(payload);
    const person = await findPerson(openScope(), userId);
    const language = mailLanguageOf(person?.locale);
    const template = notificationTemplates[language][kind]?.(wordsSchema.parse(data));
    if (person === undefined || template === undefined) return;
    const link = new URL('/notifications', appUrl).href;
    await mailer.send({ id, to: person.email, ...renderTemplate(language, template, { link }) });
  };
  await jobs.work(queue, send, { givesUpOn: isRefusedMail });
}

interface Person {
  readonly email: string;
  readonly locale: string | null;
}

async function findPerson(scope: DataScope, userId: string): Promise<Person | undefined> {
  try {
    const [person] = await scope.read((entityManager) =>
      sqlOf(entityManager)<Person>('select email, locale from account where id = $1', [userId]),
    );
    return person;
  } finally {
    await scope.close();
  }
}
