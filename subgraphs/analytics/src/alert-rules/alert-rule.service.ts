import {
  type EntityManager,
  findPage,
  isId,
  newId,
  type Page,
  type PageArguments,
  sqlOf,
} from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { resolveAlertsOfRule } from '../alerts/alert-transitions.js';
import {
  alertConditionSchema,
  alertWindowSchema,
  createAlertRuleSchema,
  updateAlertRuleSchema,
} from './alert-rule-input.js';
import { AlertRuleEntity } from './alert-rule.entity.js';

/** All rules of all tenants are evaluated every second, so a tenant has a share of that. */
export const maxRulesOfTenant = 200;

/** Tells all instances, after the commit, that a tenant's alerts have changed. */
export type AnnounceAlertChanges = (tenantId: string) => void;

/** When people want to be told. */
export class AlertRuleService {
  constructor(
    private readonly announce: AnnounceAlertChanges,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async create({ principal, scope }: Caller, input: unknown): Promise<AlertRuleEntity> {
    const { tenantId } = requirePermission(principal, 'alerts:manage');
    const { eventName, ...condition } = parseInput(createAlertRuleSchema, input);
    const createdAt = this.now();
    const rule = Object.assign(new AlertRuleEntity(), {
      ...condition,
      id: newId(),
      tenantId,
      eventName: eventName ?? null,
      enabled: true,
      revision: 1,
      createdAt,
      updatedAt: createdAt,
    });
    await scope.write(async (entityManager) => {
      await assertRoom(entityManager, tenantId);
      entityManager.persist(rule);
      await entityManager.flush();
    });
    return rule;
  }

  /** Changes a rule. Its open alert goes on under the new condition; switching the rule off resolves it. */
  async update({ principal, scope }: Caller, input: unknown): Promise<AlertRuleEntity> {
    const { tenantId } = requirePermission(principal, 'alerts:manage');
    const { id, ...changes } = parseInput(updateAlertRuleSchema, input);
    const { rule, hasChangedAlerts } = await scope.write(async (entityManager) => {
      const rule = await lockRule(entityManager, tenantId, id);
      rule.name = changes.name ?? rule.name;
      rule.operator = changes.operator ?? rule.operator;
      rule.threshold = changes.threshold ?? rule.threshold;
      rule.windowSeconds = changes.windowSeconds ?? rule.windowSeconds;
      rule.forSeconds = changes.forSeconds ?? rule.forSeconds;
      rule.enabled = changes.enabled ?? rule.enabled;
      // A rule from before what is asked of conditions now can be renamed and switched off all the same.
      if (isGiven(changes.operator) || isGiven(changes.threshold)) parseInput(alertConditionSchema, rule);
      if (isGiven(changes.windowSeconds)) parseInput(alertWindowSchema, rule);
      rule.revision += 1;
      rule.updatedAt = this.now();
      await entityManager.flush();
      return { rule, hasChangedAlerts: !rule.enabled && (await resolveAlertsOfRule(entityManager, tenantId, id)) };
    });
    if (hasChangedAlerts) this.announce(tenantId);
    return rule;
  }

  /** Deletes a rule and resolves its open alert; alerts of the past keep naming it. */
  async delete({ principal, scope }: Caller, id: string): Promise<AlertRuleEntity> {
    const { tenantId } = requirePermission(principal, 'alerts:manage');
    const { rule, hasChangedAlerts } = await scope.write(async (entityManager) => {
      const rule = await lockRule(entityManager, tenantId, id);
      rule.deletedAt = this.now();
      rule.enabled = false;
      rule.revision += 1;
      await entityManager.flush();
      return { rule, hasChangedAlerts: await resolveAlertsOfRule(entityManager, tenantId, id) };
    });
    if (hasChangedAlerts) this.announce(tenantId);
    return rule;
  }

  /** @throws AppError `NOT_FOUND` for one that does not exist, was deleted or belongs to another tenant */
  async find({ principal, scope }: Caller, id: string): Promise<AlertRuleEntity> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    if (!isId(id)) throw notFound('Alert rule');
    const rule = await scope.read((entityManager) =>
      entityManager.findOne(AlertRuleEntity, { id, tenantId, deletedAt: null }),
    );
    if (rule === null) throw notFound('Alert rule');
    return rule;
  }

  /** The active tenant's rules, the newest first. */
  async list({ principal, scope }: Caller, page: PageArguments): Promise<Page<AlertRuleEntity>> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    return findPage(scope, AlertRuleEntity, { tenantId, deletedAt: null }, page, 'desc');
  }
}

/** Lets one caller of the tenant at a time add a rule, as long as there is room. @throws AppError `QUOTA_EXCEEDED` */
async function assertRoom(entityManager: EntityManager, tenantId: string): Promise<void> {
  await sqlOf(entityManager)(`select pg_advisory_xact_lock(hashtextextended('alert rules of ' || $1, 0))`, [tenantId]);
  if ((await entityManager.count(AlertRuleEntity, { tenantId, deletedAt: null })) < maxRulesOfTenant) return;
  throw new AppError('QUOTA_EXCEEDED', `Alert rules are limited to ${maxRulesOfTenant} a tenant`);
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Locks the rule against the evaluator too, which opens an alert only of the state that it has looked at. */
async function lockRule(entityManager: EntityManager, tenantId: string, id: string): Promise<AlertRuleEntity> {
  if (!isId(id)) throw notFound('Alert rule');
  await sqlOf(entityManager)('select 1 from alert_rule where tenant_id = $1 and id = $2 for update', [tenantId, id]);
  const rule = await entityManager.findOne(AlertRuleEntity, { id, tenantId, deletedAt: null });
  if (rule === null) throw notFound('Alert rule');
  return rule;
}
