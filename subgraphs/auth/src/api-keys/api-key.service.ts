import { LockMode } from '@mikro-orm/core';
import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import {
  findPage,
  isId,
  newId,
  sqlOf,
  type EntityManager,
  type Page,
  type PageArguments,
} from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { createApiKeyToken, hashApiKey, requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.js';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import { requireRecentProof } from '../step-up/recent-authentication.js';
import { ApiKeyEntity } from './api-key.entity.js';
import {
  assertOwnScopes,
  assertRoom,
  credentialFields,
  requireManager,
  rotateSchema,
  type CredentialLimit,
  type CredentialServiceOptions,
} from './program-credential.js';

const createSchema = z.object({
  ...credentialFields,
  expiresAt: z.date().nullish(),
});

/** How much of a token is kept in the clear, to tell keys apart. */
const shownCharacters = 8;
const limit: CredentialLimit = {
  entity: ApiKeyEntity,
  live: (now) => ({ $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] }),
  names: 'API keys',
  lock: 2,
  max: 200,
};

/** A key, and its token this one time. */
export interface NewApiKey {
  readonly apiKey: ApiKeyEntity;
  readonly token: string;
}

/**
 * The keys of the active tenant: made by people, used by programs. A key cannot make keys; and a session that was left open, or a
 * token that was stolen, is not enough for what outlasts both.
 */
export class ApiKeyService {
  readonly #options: CredentialServiceOptions;
  readonly #now: () => Date;

  constructor(options: CredentialServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** The active tenant's keys, the newest first, revoked ones too. */
  async list({ principal, scope }: Caller, page: PageArguments): Promise<Page<ApiKeyEntity>> {
    const { tenantId } = requirePermission(principal, 'apiKeys:manage');
    return findPage(scope, ApiKeyEntity, { tenantId }, page, 'desc');
  }

  /**
   * @throws AppError `FORBIDDEN` for a scope that the caller has not, `PRECONDITION_FAILED` without a recent proof, `QUOTA_EXCEEDED`
   *   beyond 200 keys in use
   */
  async create(caller: Caller & AuditedCaller, input: unknown): Promise<NewApiKey> {
    const { tenantId, userId } = requireManager(caller.principal);
    const { name, scopes, expiresAt = null } = parseInput(createSchema, input);
    assertOwnScopes(caller.principal, scopes);
    if (expiresAt !== null && expiresAt <= this.#now())
      throw new AppError('BAD_USER_INPUT', 'expiresAt is over already');
    await requireRecentProof(this.#options.serviceScope, caller.principal);
    return caller.scope.write(async (entityManager) => {
      await assertRoom(entityManager, tenantId, limit, this.#now());
      const made = await this.#add(entityManager, { tenantId, name, scopes, createdBy: userId, expiresAt });
      await report(entityManager, caller, 'apiKey.created', made.apiKey);
      return made;
    });
  }

  /**
   * Makes another key with the same rights; the old one is good for a while longer.
   *
   * @throws AppError `FORBIDDEN` for a key of which the caller has not every scope, `PRECONDITION_FAILED` without a recent proof
   */
  async rotate(caller: Caller & AuditedCaller, input: unknown): Promise<NewApiKey> {
    const { tenantId, userId } = requireManager(caller.principal);
    const { id, overlapSeconds } = parseInput(rotateSchema, input);
    await requireRecentProof(this.#options.serviceScope, caller.principal);
    return caller.scope.write(async (entityManager) => {
      const old = await this.#lock(entityManager, tenantId, id);
      const { name, scopes, expiresAt } = old;
      assertOwnScopes(caller.principal, scopes);
      const endsAt = new Date(this.#now().getTime() + overlapSeconds * 1_000);
      old.expiresAt = expiresAt !== null && expiresAt < endsAt ? expiresAt : endsAt;
      await entityManager.flush();
      const made = await this.#add(entityManager, { tenantId, name, scopes, createdBy: userId, expiresAt });
      await report(entityManager, caller, 'apiKey.rotated', made.apiKey, { replaces: id, overlapSeconds });
      return made;
    });
  }

  /** Ends a key: every gateway refuses it at once. Repeating it announces it again. */
  async revoke(caller: Caller & AuditedCaller, id: string): Promise<ApiKeyEntity> {
    const { tenantId } = requireManager(caller.principal);
    if (!isId(id)) throw notFound('API key');
    const revoked = await caller.scope.write(async (entityManager) => {
      const apiKey = await entityManager.findOne(ApiKeyEntity, { id, tenantId });
      if (apiKey === null) throw notFound('API key');
      if (apiKey.revokedAt !== null) return apiKey;
      apiKey.revokedAt = this.#now();
      await entityManager.flush();
      await report(entityManager, caller, 'apiKey.revoked', apiKey);
      return apiKey;
    });
    await announceEndedSessions(this.#options.pubSub, [id]);
    return revoked;
  }

  async #lock(entityManager: EntityManager, tenantId: string, id: string): Promise<ApiKeyEntity> {
    const lockMode = LockMode.PESSIMISTIC_WRITE;
    const apiKey = await entityManager.findOne(ApiKeyEntity, { id, tenantId, revokedAt: null }, { lockMode });
    if (apiKey === null || (apiKey.expiresAt !== null && apiKey.expiresAt <= this.#now())) throw notFound('API key');
    return apiKey;
  }

  async #add(
    entityManager: EntityManager,
    properties: Pick<ApiKeyEntity, 'tenantId' | 'name' | 'scopes' | 'createdBy' | 'expiresAt'>,
  ): Promise<NewApiKey> {
    const token = createApiKeyToken();
    const apiKey = Object.assign(new ApiKeyEntity(), {
      ...properties,
      id: newId(),
      tokenHash: Buffer.from(hashApiKey(token), 'hex'),
      prefix: token.slice(0, shownCharacters),
      createdAt: this.#now(),
    });
    entityManager.persist(apiKey);
    await entityManager.flush();
    return { apiKey, token };
  }
}

async function report(
  entityManager: EntityManager,
  caller: AuditedCaller,
  action: string,
  { id, name, scopes, tenantId }: ApiKeyEntity,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const note = { action, targetType: 'ApiKey', targetId: id, details: { name, scopes, ...more } };
  await recordAudit(sqlOf(entityManager), toAuditRecord(caller, note), { tenantId });
}
