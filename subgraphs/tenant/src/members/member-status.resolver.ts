import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { MembershipType, toMembershipType } from './membership.type.js';

@Resolver()
export class MemberStatusResolver {
  @Mutation(() => MembershipType, {
    description:
      'Locks a member out of the active tenant at once, who keeps data and role; the seat is free. Repeating it changes nothing.',
  })
  async deactivateMember(
    @Ctx() context: TenantContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.memberStatus.deactivate(context, userId));
  }

  @Mutation(() => MembershipType, {
    description: 'Lets a deactivated member in again, where a seat is free. Repeating it changes nothing.',
  })
  async reactivateMember(
    @Ctx() context: TenantContext,
    @Arg('userId', () => ID) userId: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.memberStatus.reactivate(context, userId));
  }
}
