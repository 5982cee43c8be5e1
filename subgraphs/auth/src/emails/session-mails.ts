import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { describeDevice } from '../sessions/describe-device.js';
import type { MailSource } from './account-mails.js';
import type { MailValues } from './render-mail.js';

interface TellingSession {
  readonly locale: string | null;
  readonly createdAt: string;
  readonly endsAt: string | null;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly country: string | null;
  readonly city: string | null;
  readonly reason: string | null;
}

/** Mails that tell of a session, whose id is the mail's reference; none of a session that was taken back. */
export function createSessionMails(openScope: () => DataScope): MailSource {
  return async ({ kind, reference }) => {
    const session = await findSession(openScope(), reference);
    return session && { kind, locale: session.locale, values: { facts: factsOf(session) } };
  };
}

function factsOf(session: TellingSession): NonNullable<MailValues['facts']> {
  const { createdAt, endsAt, userAgent, address, country, city, reason } = session;
  const device = describeDevice(userAgent);
  const place = [city, country].filter((part) => part !== null).join(', ');
  return {
    at: timeOf(createdAt),
    ...(device !== undefined && { device }),
    ...(place !== '' && { place }),
    ...(address !== null && { address }),
    ...(endsAt !== null && { until: timeOf(endsAt) }),
    ...(reason !== null && { reason }),
  };
}

/** Whose clock it is must be plain: where the reader is, nobody knows. */
const timeOf = (time: string): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

async function findSession(scope: DataScope, sessionId: string | undefined): Promise<TellingSession | undefined> {
  try {
    const [session] = await scope.read((entityManager) =>
      sqlOf(entityManager)<TellingSession>(
        `select account.locale, session.created_at::text as "createdAt", session.ends_at::text as "endsAt",
           user_agent as "userAgent", ip_address as address, country, city, impersonation_reason as reason
         from session join account on account.id = session.user_id where session.id = $1`,
        [sessionId],
      ),
    );
    return session;
  } finally {
    scope.close();
  }
}
