import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';

export const alertStatuses = ['PENDING', 'FIRING', 'RESOLVED'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

@Entity({ tableName: 'alert' })
export class AlertEntity {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Property({ type: 'uuid' })
  tenantId!: string;

  @Property({ type: 'uuid' })
  ruleId!: string;

  @Property({ type: 'text' })
  status!: AlertStatus;

  @Property({ type: 'double' })
  value!: number;

  @Property({ type: 'double' })
  threshold!: number;

  @Property({ type: 'timestamptz' })
  startedAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  endedAt: Date | null = null;
}
