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
import { notFound, parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import {
  assertOwnScopes,
  assertRoom,
  credentialFields,
  requireManager,
  rotateSchema,
  type CredentialLimit,
  type CredentialServiceOptions,
} from '../api-keys/program-credential.js';
import { recordAudit } from '../audit/record-audit.js';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import { requireRecentProof } from '../step-up/recent-authentication.js';
import { createClientSecret, hashClientSecret } from './client-secret.js';
import { MachineClientEntity } from './machine-client.entity.js';

const createSchema = z.object({
  ...credentialFields,
});

const limit: CredentialLimit = { entity: MachineClientEntity, names: 'machine clients', lock: 3, max: 200 };

/** A client, and its secret this one time. */
export interface ClientWithSecret {
  readonly client: MachineClientEntity;
  readonly secret: string;
}

/** The machine clients of the active tenant: made, after a recent proof, by people, used by programs. */
export class MachineClientService {
  readonly #options: CredentialServiceOptions;
  readonly #now: () => Date;

  constructor(options: CredentialServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** The active tenant's clients, the newest first, revoked ones too. */
  async list({ principal, scope }: Caller, page: PageArguments): Promise<Page<MachineClientEntity>> {
    const { tenantId } = requirePermission(principal, 'apiKeys:manage');
    return findPage(scope, MachineClientEntity, { tenantId }, page, 'desc');
  }

  /**
   * @throws AppError `FORBIDDEN` for a scope that the caller has not, `PRECONDITION_FAILED` without a recent proof, `QUOTA_EXCEEDED`
   *   beyond 200 clients in use
   */
  async create(caller: Caller & AuditedCaller, input: unknown): Promise<ClientWithSecret> {
    const { tenantId, userId } = requireManager(caller.principal);
    const { name, scopes } = parseInput(createSchema, input);
    assertOwnScopes(caller.principal, scopes);
    await requireRecentProof(this.#options.serviceScope, caller.principal);
    const secret = createClientSecret();
    return caller.scope.write(async (entityManager) => {
      await assertRoom(entityManager, tenantId, limit, this.#now());
      const client = Object.assign(new MachineClientEntity(), {
        id: newId(),
        tenantId,
        name,
        scopes,
        secretHash: hashClientSecret(secret),
        createdBy: userId,
        createdAt: this.#now(),
      });
      entityManager.persist(client);
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.created', client);
      return { client, secret };
    });
  }

  /**
   * Gives a client another secret; the one before is good for a while longer, any older one no more.
   *
   * @throws AppError `FORBIDDEN` for a client of which the caller has not every scope, `PRECONDITION_FAILED` without a recent proof
   */
  async rotateSecret(caller: Caller & AuditedCaller, input: unknown): Promise<ClientWithSecret> {
    const { tenantId } = requireManager(caller.principal);
    const { id, overlapSeconds } = parseInput(rotateSchema, input);
    await requireRecentProof(this.#options.serviceScope, caller.principal);
    const secret = createClientSecret();
    return caller.scope.write(async (entityManager) => {
      const client = await find(entityManager, tenantId, id);
      if (client.revokedAt !== null) throw notFound('Machine client');
      assertOwnScopes(caller.principal, client.scopes);
      client.formerSecretHash = client.secretHash;
      client.formerSecretUntil = new Date(this.#now().getTime() + overlapSeconds * 1_000);
      client.secretHash = hashClientSecret(secret);
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.rotated', client);
      return { client, secret };
    });
  }

  /** Ends a client: every gateway refuses its tokens at once. Repeating it announces it again. */
  async revoke(caller: Caller & AuditedCaller, id: string): Promise<MachineClientEntity> {
    const { tenantId } = requireManager(caller.principal);
    const revoked = await caller.scope.write(async (entityManager) => {
      const client = await find(entityManager, tenantId, id);
      if (client.revokedAt !== null) return client;
      client.revokedAt = this.#now();
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.revoked', client);
      return client;
    });
    await announceEndedSessions(this.#options.pubSub, [id]);
    return revoked;
  }
}

async function find(entityManager: EntityManager, tenantId: string, id: string): Promise<MachineClientEntity> {
  if (!isId(id)) throw notFound('Machine client');
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const client = await entityManager.findOne(MachineClientEntity, { id, tenantId }, { lockMode });
  if (client === null) throw notFound('Machine client');
  return client;
}

async function report(
  entityManager: EntityManager,
  caller: AuditedCaller,
  action: string,
  { id, name, scopes, tenantId }: MachineClientEntity,
): Promise<void> {
  const note = { action, targetType: 'MachineClient', targetId: id, details: { name, scopes } };
  await recordAudit(sqlOf(entityManager), toAuditRecord(caller, note), { tenantId });
}
