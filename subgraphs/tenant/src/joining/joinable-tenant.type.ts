import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('JoinableTenant', { description: 'A tenant that the caller is not in, and may join.' })
export class JoinableTenantType {
  @Field(() => ID, { description: 'Its id: `joinTenant` takes it where there is no invitation.' })
  tenantId!: string;

  @Field(() => String, { description: 'Its name for people.' })
  tenantName!: string;

  @Field(() => String, { description: 'The role that the caller would have.' })
  role!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'For `acceptInvitation` or `declineInvitation`; null where the caller may join by the domain of their address.',
  })
  invitationToken!: string | null;

  @Field(() => Date, { nullable: true, description: 'Until when the invitation can be accepted; null without one.' })
  expiresAt!: Date | null;
}
