import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { MembershipType, toMembershipType } from '../members/membership.type.js';
import { InvitationType, InviteMemberInput, toInvitationType } from './invitation.type.js';

@Resolver(() => InvitationType)
export class InvitationResolver {
  @Mutation(() => InvitationType, { description: 'Invites an address into the active tenant, by mail.' })
  async inviteMember(
    @Ctx() context: TenantContext,
    @Arg('input', () => InviteMemberInput) input: InviteMemberInput,
  ): Promise<InvitationType> {
    return toInvitationType(await context.services.invitations.invite(context, input));
  }

  @Mutation(() => MembershipType, { description: 'Joins a tenant by the token of an invitation.' })
  async acceptInvitation(
    @Ctx() context: TenantContext,
    @Arg('token', () => String) token: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.invitations.accept(context, token));
  }

  @Mutation(() => InvitationType, { description: 'Takes back an invitation that nobody has accepted.' })
  async revokeInvitation(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<InvitationType> {
    return toInvitationType(await context.services.invitations.revoke(context, id));
  }
}
