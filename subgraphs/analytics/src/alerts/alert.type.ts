import { connectionType } from '@tessera/service/graphql';
import { Directive, Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { AlertStatus } from './alert.entity.js';

export const AlertStatusEnum: Readonly<{ [Name in AlertStatus]: Name }> = {
  PENDING: 'PENDING',
  FIRING: 'FIRING',
  RESOLVED: 'RESOLVED',
};

registerEnumType(AlertStatusEnum, {
  name: 'AlertStatus',
  description: 'Where an alert is in its life.',
  valuesConfig: {
    PENDING: { description: 'The condition holds, but not for long enough yet.' },
    FIRING: { description: 'The condition has held for long enough.' },
    RESOLVED: { description: 'The condition no longer holds; also when it never fired.' },
  },
});

/** An alert as it is stored, or as it was after one of its changes. */
export interface AlertState {
  readonly id: string;
  readonly tenantId: string;
  readonly ruleId: string;
  readonly status: AlertStatus;
  readonly value: number;
  readonly threshold: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType('Alert', { description: 'One time that a rule’s condition held.' })
export class AlertType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => AlertStatusEnum, { description: 'Where it is in its life.' })
  status!: AlertStatus;

  @Field(() => Float, { description: 'The measure’s value at the last change of state.' })
  value!: number;

  @Field(() => Float, { description: 'The threshold when it began.' })
  threshold!: number;

  @Field(() => Date, { description: 'When the condition began to hold.' })
  startedAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was resolved; null while it is open.' })
  endedAt!: Date | null;

  tenantId!: string;
  ruleId!: string;
}

export const AlertConnection = connectionType('Alert', AlertType);

export function toAlertType(alert: AlertState): AlertType {
  const { id, tenantId, ruleId, status, value, threshold, startedAt, endedAt } = alert;
  return Object.assign(new AlertType(), { id, tenantId, ruleId, status, value, threshold, startedAt, endedAt });
}
