import { GraphQLJSON } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { TenantEntity, TenantStatus } from './tenant.entity.js';

export const TenantStatusEnum = { ACTIVE: 'ACTIVE', SUSPENDED: 'SUSPENDED', DELETING: 'DELETING' } as const;

registerEnumType(TenantStatusEnum, {
  name: 'TenantStatus',
  description: 'Whether a tenant may be used.',
  valuesConfig: {
    ACTIVE: { description: 'In use.' },
    SUSPENDED: { description: 'Locked by the platform; nothing is lost.' },
    DELETING: { description: 'Being erased.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Tenant', { description: 'An organisation that uses the platform, apart from all others.' })
export class TenantType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Name in URLs; unique on the platform.' })
  slug!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => TenantStatusEnum, { description: 'Whether it may be used.' })
  status!: TenantStatus;

  @Field(() => String, { description: 'The plan that its limits come from.' })
  plan!: string;

  @Field(() => Date, { nullable: true, description: 'When its plan ends; null for a plan without a term.' })
  planEndsAt!: Date | null;

  @Field(() => Date, { description: 'When it was created.' })
  createdAt!: Date;

  /** Kept for the resolver of `settings`, which only the active tenant's members may read. */
  storedSettings!: Record<string, unknown>;

  /** Kept for the resolvers of `enabledServices` and `disabledServices`, which know the services that there are. */
  storedDisabledServices!: readonly string[];
}

@InputType({ description: 'What a new tenant is called.' })
export class CreateTenantInput {
  @Field(() => String, { description: 'Name for people, up to 200 characters.' })
  name!: string;

  @Field(() => String, { description: 'Name in URLs: 2 to 63 lower-case letters, digits and single hyphens.' })
  slug!: string;
}

@InputType({ description: 'What to change of the active tenant; what is absent stays.' })
export class UpdateTenantInput {
  @Field(() => String, { nullable: true, description: 'New name for people.' })
  name?: string;

  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Settings to set; keys that are absent stay. At most 64 KB altogether.',
  })
  settings?: Record<string, unknown>;
}

export function toTenantType(tenant: TenantEntity): TenantType {
  const { id, slug, name, status, plan, planEndsAt, disabledServices, createdAt, settings } = tenant;
  return Object.assign(new TenantType(), {
    id,
    slug,
    name,
    status,
    plan,
    planEndsAt,
    createdAt,
    storedSettings: settings,
    storedDisabledServices: disabledServices,
  });
}
