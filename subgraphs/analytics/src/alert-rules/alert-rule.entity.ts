import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { AlertMeasure, AlertOperator } from './alert-rule-input.js';

@Entity({ tableName: 'alert_rule' })
export class AlertRuleEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'text' })
  measure!: AlertMeasure;

  @Property({ type: 'text', nullable: true })
  eventName: string | null = null;

  @Property({ type: 'text' })
  operator!: AlertOperator;

  @Property({ type: 'double' })
  threshold!: number;

  @Property({ type: 'integer' })
  windowSeconds!: number;

  @Property({ type: 'integer' })
  forSeconds!: number;

  @Property({ type: 'boolean' })
  enabled!: boolean;

  /** Counts the changes, so that a decision made about an older state of the rule can be told from one about this. */
  @Property({ type: 'integer' })
  revision!: number;

  @Property({ type: 'timestamptz' })
  createdAt!: Date;

  @Property({ type: 'timestamptz' })
  updatedAt!: Date;

  /** A deleted rule stays, for the alerts that it raised. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;
}
