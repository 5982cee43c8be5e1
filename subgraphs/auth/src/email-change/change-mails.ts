import { isId, sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { appLink, type MailSource } from '../emails/account-mails.js';
import type { ChangeLinks, ChangeSide } from './change-link.js';

export interface ChangeMailsOptions {
  readonly openScope: () => DataScope;
  readonly links: ChangeLinks;
  readonly appUrl: string;
}

interface ChangingPerson {
  readonly locale: string | null;
  readonly isTaken: boolean;
}

/** What the two mails of a change hold. The owner of an address that has an account is told of the attempt, and gets no link. */
export function createChangeMails({ openScope, links, appUrl }: ChangeMailsOptions) {
  const linkOf = (changeId: string, side: ChangeSide): string =>
    appLink(appUrl, '/confirm-email-change', links.tokenFor(changeId, side));
  const find = async (changeId: string): Promise<ChangingPerson | undefined> => {
    if (!isId(changeId)) return undefined;
    const scope = openScope();
    const rows = await scope
      .read((entityManager) =>
        sqlOf(entityManager)<ChangingPerson>(
          `select account.locale, exists (select 1 from account where email = new_email) as "isTaken"
           from email_change join account on account.id = email_change.user_id
           where email_change.id = $1 and email_change.expires_at > now()`,
          [changeId],
        ),
      )
      .finally(() => scope.close());
    return rows[0];
  };
  const sourceOf =
    (side: ChangeSide): MailSource =>
    async ({ kind, reference = '' }) => {
      const person = await find(reference);
      if (person === undefined) return undefined;
      if (side === 'new' && person.isTaken) return { kind: 'address-taken', locale: person.locale, values: {} };
      return { kind, locale: person.locale, values: { link: linkOf(reference, side) } };
    };
  return { old: sourceOf('old'), new: sourceOf('new') };
}
