import { LockMode } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { findPage, newId, sqlOf, type EntityManager, type Page, type PageArguments } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requirePermission, requireUser, servicePrincipal, unknownClient } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { nextPlan } from '../plans/plan-terms.js';
import { setPlan } from '../plans/set-plan.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { PaymentEntity } from './payment.entity.js';
import type { PaymentNotice, PaymentProvider } from './payment-provider.js';

const checkoutSchema = z.object({ plan: z.string(), idempotencyKey: z.string().min(1).max(200).nullish() });
/** What a payment buys. */
const termDays = 30;

export interface PaymentServiceOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly plans: PlanCatalogue;
  /** Undefined where nothing can be bought. */
  readonly provider: PaymentProvider | undefined;
  readonly now?: () => Date;
}

export interface StartedPayment {
  readonly payment: PaymentEntity;
  /** Where the person pays; null where there is nothing to do. */
  readonly url: string | null;
}

/** Buying a month of a plan. A payment is settled once, by what the provider says about it. */
export class PaymentService {
  readonly #options: PaymentServiceOptions;
  readonly #now: () => Date;

  constructor(options: PaymentServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Begins a payment; the plan changes when the provider says that it was made. With an idempotency key, asking again begins
   * nothing new.
   *
   * @throws AppError `BAD_USER_INPUT` for a plan that is not for sale, `PRECONDITION_FAILED` where nobody takes payments,
   *   `CONFLICT` for a key that was used for another plan
   */
  async checkout(caller: Caller & AuditedCaller, input: unknown): Promise<StartedPayment> {
    const { tenantId } = requirePermission(caller.principal, 'tenant:manage');
    const { userId } = requireUser(caller.principal);
    const { plan: planId, idempotencyKey = null } = parseInput(checkoutSchema, input);
    const { plans, provider } = this.#options;
    if (provider === undefined) throw new AppError('PRECONDITION_FAILED', 'Nobody takes payments for this platform');
    const plan = plans.has(planId) ? plans.planOf(planId) : undefined;
    if (plan === undefined || plan.monthlyPrice === null) {
      throw new AppError('BAD_USER_INPUT', `There is no plan ${JSON.stringify(planId)} for sale`);
    }
    const fresh = Object.assign(new PaymentEntity(), {
      ...{ id: newId(), tenantId, plan: plan.id, ...plan.monthlyPrice, status: 'PENDING' as const },
      ...{ provider: provider.name, idempotencyKey, requestedBy: userId, createdAt: this.#now() },
    });
    const payment = await caller.scope.write((entityManager) => begin(entityManager, fresh, caller));
    if (payment.plan !== plan.id) throw new AppError('CONFLICT', 'The idempotency key was used for another plan');
    // Asked for again after a crash, too: the provider knows the payment by its id.
    const { id: paymentId, amount, currency } = payment;
    const url =
      payment.status === 'PENDING'
        ? await provider.start({ paymentId, amount, currency, description: `${plan.name}, ${termDays} days` })
        : null;
    return { payment, url };
  }

  /** The active tenant's payments, the newest first. */
  async list({ principal, scope }: Caller, page: PageArguments): Promise<Page<PaymentEntity>> {
    const { tenantId } = requirePermission(principal, 'tenant:manage');
    return findPage(scope, PaymentEntity, { tenantId }, page, 'desc');
  }

  /**
   * Does what a provider's notice says, which was verified before: once, however often it comes, and also if another one
   * about the same payment comes later.
   *
   * @throws AppError `NOT_FOUND` for a payment that nobody began, `BAD_USER_INPUT` for another sum than was asked for
   */
  async settle(notice: PaymentNotice): Promise<void> {
    const tenantId = await this.#tenantOf(notice.paymentId);
    const now = this.#now;
    await this.#options.serviceScope(tenantId).write(async (entityManager) => {
      // Before the payment: whoever changes the plan locks the tenant first.
      const tenant = await lockTenant(entityManager, tenantId);
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const payment = await entityManager.findOneOrFail(PaymentEntity, { id: notice.paymentId }, { lockMode });
      if (payment.status !== 'PENDING') return;
      if (payment.amount !== notice.amount || payment.currency !== notice.currency) {
        throw new AppError('BAD_USER_INPUT', 'The payment is of another sum');
      }
      Object.assign(payment, { status: notice.status, settledAt: now() });
      await entityManager.flush();
      const { plan, requestedBy } = payment;
      const principal = { ...servicePrincipal(tenantId), userId: requestedBy };
      const caller = { principal, client: unknownClient, requestId: payment.id };
      const isPaid = notice.status === 'SUCCEEDED';
      await record(entityManager, payment, caller, isPaid ? 'payment.succeeded' : 'payment.failed');
      if (!isPaid) return;
      await setPlan(entityManager, tenant, nextPlan(tenant, plan, termDays, now()), caller, {
        plans: this.#options.plans,
        now,
      });
    });
  }

  async #tenantOf(id: string): Promise<string> {
    const scope = this.#options.serviceScope();
    try {
      const payment = await scope.read((entityManager) => entityManager.findOne(PaymentEntity, { id }));
      if (payment === null) throw notFound('Payment');
      return payment.tenantId;
    } finally {
      scope.close();
    }
  }
}

/** @returns the payment that the key began before, where there is one */
async function begin(
  entityManager: EntityManager,
  fresh: PaymentEntity,
  caller: AuditedCaller,
): Promise<PaymentEntity> {
  const { tenantId, idempotencyKey } = fresh;
  // One after the other: two at once with one key would both find nothing.
  await lockTenant(entityManager, tenantId);
  const known =
    idempotencyKey === null ? null : await entityManager.findOne(PaymentEntity, { tenantId, idempotencyKey });
  if (known !== null) return known;
  entityManager.persist(fresh);
  await entityManager.flush();
  await record(entityManager, fresh, caller, 'payment.started');
  return fresh;
}

async function record(
  entityManager: EntityManager,
  { id, tenantId, plan, amount, currency, provider }: PaymentEntity,
  caller: AuditedCaller,
  action: string,
): Promise<void> {
  const note = { action, targetType: 'Payment', targetId: id, details: { plan, amount, currency, provider } };
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note, tenantId)]);
}
