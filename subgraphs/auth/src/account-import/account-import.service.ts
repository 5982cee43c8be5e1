import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { newId, sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireSuperAdmin } from '@tessera/service/identity';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import { localeSchema } from '../accounts/locale.js';
import type { PlatformAdministrators } from '../accounts/platform-administrators.js';
import { recordAudit } from '../audit/record-audit.js';
import { userSignedUp } from '../events/user-signed-up.js';
import { requireRecentAuthentication } from '../step-up/recent-authentication.js';
import { isImportableHash } from './importable-hash.js';

const maxAccounts = 100;

const accountSchema = z.object({
  email: emailSchema,
  displayName: plainTextSchema(200),
  passwordHash: z
    .string()
    .refine(isImportableHash, 'must be a hash by Argon2 or bcrypt, of a usual strength')
    .nullish(),
  isEmailVerified: z.boolean(),
  locale: localeSchema.nullish(),
});
const inputSchema = z.object({
  accounts: z
    .array(accountSchema)
    .min(1)
    .max(maxAccounts)
    .refine((all) => new Set(all.map(({ email }) => email)).size === all.length, 'must name each address once'),
});

type NewAccount = z.infer<typeof accountSchema> & { readonly userId: string };

export interface ImportedAccount {
  readonly email: string;
  readonly userId: string;
  readonly isNew: boolean;
}

export interface AccountImportOptions {
  readonly serviceScope: () => DataScope;
  readonly administrators: PlatformAdministrators;
  readonly now?: () => Date;
}

/** Taking people over from another system, with the passwords that they have: nobody is asked to choose a new one. */
export class AccountImportService {
  readonly #options: AccountImportOptions;
  readonly #now: () => Date;

  constructor(options: AccountImportOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Makes accounts for the addresses that have none, all or none of them. No mail is sent and no hook is asked.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `PRECONDITION_FAILED` without a recent proof, `BAD_USER_INPUT`
   *   for a hash that cannot be checked, and for the address of somebody who runs the platform
   */
  async run(caller: AuditedCaller, input: unknown): Promise<ImportedAccount[]> {
    requireSuperAdmin(caller.principal);
    const { accounts } = parseInput(inputSchema, input);
    const { administrators, serviceScope } = this.#options;
    // Whoever knew such a password would run the platform.
    const listed = accounts.find(({ email }) => administrators.isListed(email));
    if (listed !== undefined) throw new AppError('BAD_USER_INPUT', 'Who runs the platform signs up in person');
    return serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      const added = await this.#add(
        query,
        accounts.map((account) => ({ ...account, userId: newId() })),
      );
      await appendToOutbox(
        query,
        added.map(({ userId, email, displayName, locale }) =>
          userSignedUp({ userId, email, displayName, locale: locale ?? undefined }),
        ),
      );
      for (const { userId: subjectId, passwordHash } of added) {
        const details = { hasPassword: passwordHash != null };
        await recordAudit(query, toAuditRecord(caller, { action: 'account.imported', subjectId, details }));
      }
      const isNew = new Set(added.map(({ userId }) => userId));
      const ids = await findIds(
        query,
        accounts.map(({ email }) => email),
      );
      return ids.map(({ email, userId }) => ({ email, userId, isNew: isNew.has(userId) }));
    });
  }

  /** @returns those that were new */
  async #add(query: RunSql, accounts: readonly NewAccount[]): Promise<readonly NewAccount[]> {
    const now = this.#now().toISOString();
    const added = await query<{ readonly id: string }>(
      `insert into account (id, email, created_at, locale, email_verified_at)
       select id, email, $1, locale, case when is_verified then $1::timestamptz end
       from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[]) as imported (id, email, locale, is_verified)
       on conflict (email) do nothing returning id`,
      [
        now,
        accounts.map(({ userId }) => userId),
        accounts.map(({ email }) => email),
        accounts.map(({ locale }) => locale ?? null),
        accounts.map(({ isEmailVerified }) => isEmailVerified),
      ],
    );
    const addedIds = new Set(added.map(({ id }) => id));
    const fresh = accounts.filter(({ userId }) => addedIds.has(userId));
    const known = fresh.filter(({ passwordHash }) => passwordHash != null);
    await query(
      `insert into password (account_id, hash, changed_at)
       select id, hash, $1 from unnest($2::uuid[], $3::text[]) as imported (id, hash)`,
      [now, known.map(({ userId }) => userId), known.map(({ passwordHash }) => passwordHash)],
    );
    return fresh;
  }
}

/** In the order in which they were asked for. */
async function findIds(
  query: RunSql,
  emails: readonly string[],
): Promise<readonly { readonly email: string; readonly userId: string }[]> {
  return query(
    `select account.email, account.id as "userId" from unnest($1::text[]) with ordinality as asked (email, place)
     join account on account.email = asked.email order by place`,
    [emails],
  );
}
