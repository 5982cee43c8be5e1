import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A tenant, of which this subgraph knows no more than the id; the rest lives in the tenant subgraph. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Tenant', { description: 'An organisation that uses the platform, apart from all others.' })
export class TenantType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toTenantType(id: string): TenantType {
  return Object.assign(new TenantType(), { id });
}
