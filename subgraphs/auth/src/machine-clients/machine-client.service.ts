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
import { isPermission, requireOneself, requirePermission, type TenantPrincipal } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.js';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import { createClientSecret, hashClientSecret } from './client-secret.js';
import { MachineClientEntity } from './machine-client.entity.js';

const createSchema = z.object({
  name: z.string().trim().min(1, 'must not be empty').max(100),
  scopes: z
    .array(z.string().refine(isPermission, 'is not a permission'))
    .min(1, 'must name at least one')
    .transform((names) => [...new Set(names)].sort()),
});

const maxOverlapSeconds = 7 * 24 * 60 * 60;
const rotateSchema = z.object({ id: z.uuid(), overlapSeconds: z.number().int().min(0).max(maxOverlapSeconds) });
const maxClients = 200;

/** A client, and its secret this one time. */
export interface ClientWithSecret {
  readonly client: MachineClientEntity;
  readonly secret: string;
}

/** The machine clients of the active tenant: made by people, used by programs. */
export class MachineClientService {
  constructor(
    private readonly pubSub: PubSub,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** The active tenant's clients, the newest first, revoked ones too. */
  async list({ principal, scope }: Caller, page: PageArguments): Promise<Page<MachineClientEntity>> {
    const { tenantId } = requirePermission(principal, 'apiKeys:manage');
    return findPage(scope, MachineClientEntity, { tenantId }, page, 'desc');
  }

  /** @throws AppError `FORBIDDEN` for a scope that the caller has not, `QUOTA_EXCEEDED` beyond 200 clients in use */
  async create(caller: Caller & AuditedCaller, input: unknown): Promise<ClientWithSecret> {
    const { tenantId, userId } = manager(caller);
    const { name, scopes } = parseInput(createSchema, input);
    const missing = scopes.filter((scope) => !caller.principal.scopes.includes(scope));
    if (missing.length > 0) throw new AppError('FORBIDDEN', `You have not got yourself: ${missing.join(', ')}`);
    const secret = createClientSecret();
    return caller.scope.write(async (entityManager) => {
      await assertRoom(entityManager, tenantId);
      const client = Object.assign(new MachineClientEntity(), {
        id: newId(),
        tenantId,
        name,
        scopes,
        secretHash: hashClientSecret(secret),
        createdBy: userId,
        createdAt: this.now(),
      });
      entityManager.persist(client);
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.created', client);
      return { client, secret };
    });
  }

  /** Gives a client another secret; the one before is good for a while longer, any older one no more. */
  async rotateSecret(caller: Caller & AuditedCaller, input: unknown): Promise<ClientWithSecret> {
    const { tenantId } = manager(caller);
    const { id, overlapSeconds } = parseInput(rotateSchema, input);
    const secret = createClientSecret();
    return caller.scope.write(async (entityManager) => {
      const client = await find(entityManager, tenantId, id);
      if (client.revokedAt !== null) throw notFound('Machine client');
      client.formerSecretHash = client.secretHash;
      client.formerSecretUntil = new Date(this.now().getTime() + overlapSeconds * 1_000);
      client.secretHash = hashClientSecret(secret);
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.rotated', client);
      return { client, secret };
    });
  }

  /** Ends a client: every gateway refuses its tokens at once. Repeating it announces it again. */
  async revoke(caller: Caller & AuditedCaller, id: string): Promise<MachineClientEntity> {
    const { tenantId } = manager(caller);
    const revoked = await caller.scope.write(async (entityManager) => {
      const client = await find(entityManager, tenantId, id);
      if (client.revokedAt !== null) return client;
      client.revokedAt = this.now();
      await entityManager.flush();
      await report(entityManager, caller, 'machineClient.revoked', client);
      return client;
    });
    await announceEndedSessions(this.pubSub, [id]);
    return revoked;
  }
}

/** A person with the right to manage keys, and really that person: a program makes no programs. */
function manager({ principal }: Caller): TenantPrincipal {
  requireOneself(principal);
  return requirePermission(principal, 'apiKeys:manage');
}

async function find(entityManager: EntityManager, tenantId: string, id: string): Promise<MachineClientEntity> {
  if (!isId(id)) throw notFound('Machine client');
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const client = await entityManager.findOne(MachineClientEntity, { id, tenantId }, { lockMode });
  if (client === null) throw notFound('Machine client');
  return client;
}

async function assertRoom(entityManager: EntityManager, tenantId: string): Promise<void> {
  await sqlOf(entityManager)('select pg_advisory_xact_lock(hashtextextended($1, 3))', [tenantId]);
  if ((await entityManager.count(MachineClientEntity, { tenantId, revokedAt: null })) < maxClients) return;
  throw new AppError('QUOTA_EXCEEDED', `A tenant has at most ${maxClients} machine clients`);
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
