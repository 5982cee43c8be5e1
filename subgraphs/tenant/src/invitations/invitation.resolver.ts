import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { MembershipType, toMembershipType } from '../members/membership.type.js';
import {
  InvitationPreviewType,
  InvitationType,
  InviteMemberInput,
  ResendInvitationInput,
  toInvitationPreviewType,
  toInvitationType,
} from './invitation.type.js';

@Resolver(() => InvitationType)
export class InvitationResolver {
  @Query(() => InvitationPreviewType, { description: 'What an invitation says, for who has the token of its link.' })
  async invitation(
    @Ctx() context: TenantContext,
    @Arg('token', () => String) token: string,
  ): Promise<InvitationPreviewType> {
    return toInvitationPreviewType(await context.services.acceptance.preview(token));
  }

  @Mutation(() => InvitationType, { description: 'Sends an invitation again, also one that has expired.' })
  async resendInvitation(
    @Ctx() context: TenantContext,
    @Arg('input', () => ResendInvitationInput) input: ResendInvitationInput,
  ): Promise<InvitationType> {
    return toInvitationType(await context.services.invitations.resend(context, input));
  }

  @Mutation(() => InvitationType, { description: 'Invites an address into the active tenant, by mail.' })
  async inviteMember(
    @Ctx() context: TenantContext,
    @Arg('input', () => InviteMemberInput) input: InviteMemberInput,
  ): Promise<InvitationType> {
    return toInvitationType(await context.services.invitations.invite(context, input));
  }

  @Mutation(() => MembershipType, {
    description: 'Joins a tenant by the token of an invitation, signed in with the address that was invited.',
  })
  async acceptInvitation(
    @Ctx() context: TenantContext,
    @Arg('token', () => String) token: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.acceptance.accept(context, token));
  }

  @Mutation(() => Boolean, { description: 'Takes back an invitation of the caller’s own address, by its token.' })
  async declineInvitation(@Ctx() context: TenantContext, @Arg('token', () => String) token: string): Promise<boolean> {
    await context.services.acceptance.decline(context, token);
    return true;
  }

  @Mutation(() => InvitationType, { description: 'Takes back an invitation that nobody has accepted.' })
  async revokeInvitation(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<InvitationType> {
    return toInvitationType(await context.services.invitations.revoke(context, id));
  }
}
