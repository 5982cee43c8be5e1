import { type Connection, GraphQLJSON, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { InvitationConnection, toInvitationType, type InvitationType } from '../invitations/invitation.type.js';
import type { MembershipStatus } from '../members/member-status.js';
import {
  MembershipConnection,
  MembershipStatusEnum,
  toMembershipType,
  type MembershipType,
} from '../members/membership.type.js';
import { CreateTenantInput, TenantType, toTenantType, UpdateTenantInput } from './tenant.type.js';

@Resolver(() => TenantType)
export class TenantResolver {
  @Query(() => TenantType, { nullable: true, description: 'A tenant of the caller; the active one without an id.' })
  async tenant(
    @Ctx() context: TenantContext,
    @Arg('id', () => ID, { nullable: true, description: 'A tenant that the caller is a member of.' }) id?: string,
  ): Promise<TenantType | null> {
    const tenant = await context.services.tenants.find(context, id);
    return tenant === null ? null : toTenantType(tenant);
  }

  @Mutation(() => TenantType, { description: 'Creates a tenant; the caller becomes its first administrator.' })
  async createTenant(
    @Ctx() context: TenantContext,
    @Arg('input', () => CreateTenantInput) input: CreateTenantInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.tenants.create(context, input));
  }

  @Mutation(() => TenantType, { description: 'Changes the active tenant.' })
  async updateTenant(
    @Ctx() context: TenantContext,
    @Arg('input', () => UpdateTenantInput) input: UpdateTenantInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.tenants.update(context, input));
  }

  @FieldResolver(() => GraphQLJSON, { nullable: true, description: 'Settings; null unless this is the active tenant.' })
  settings(@Root() tenant: TenantType, @Ctx() { principal }: TenantContext): Record<string, unknown> | null {
    return tenant.id === principal.tenantId ? tenant.storedSettings : null;
  }

  @PagedCost()
  @FieldResolver(() => MembershipConnection, {
    nullable: true,
    description: 'Its members, the first to join first; null unless this is the active tenant.',
  })
  async members(
    @Root() tenant: TenantType,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Ctx() context: TenantContext,
    @Arg('status', () => MembershipStatusEnum, { nullable: true, description: 'Only those of this status.' })
    status?: MembershipStatus | null,
  ): Promise<Connection<MembershipType> | null> {
    if (tenant.id !== context.principal.tenantId) return null;
    return toConnection(await context.services.members.list(context, status ?? undefined, page), toMembershipType);
  }

  @PagedCost()
  @FieldResolver(() => InvitationConnection, {
    nullable: true,
    description:
      'Invitations into it, the newest first, for its administrators; null unless this is the active tenant.',
  })
  async invitations(
    @Root() tenant: TenantType,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Ctx() context: TenantContext,
  ): Promise<Connection<InvitationType> | null> {
    if (tenant.id !== context.principal.tenantId) return null;
    return toConnection(await context.services.invitations.list(context, page), toInvitationType);
  }
}
