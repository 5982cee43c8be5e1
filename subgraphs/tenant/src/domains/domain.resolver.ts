import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { MembershipType, toMembershipType } from '../members/membership.type.js';
import { AddDomainInput, EmailDomainType, SetDomainAutoJoinInput, toEmailDomainType } from './domain.type.js';

@Resolver()
export class DomainResolver {
  @ListCost(5)
  @Query(() => [EmailDomainType], { description: 'E-mail domains of the active tenant, for its administrators.' })
  async domains(@Ctx() context: TenantContext): Promise<EmailDomainType[]> {
    return (await context.services.domains.list(context)).map(toEmailDomainType);
  }

  @Mutation(() => EmailDomainType, { description: 'Adds a domain to the active tenant, to be proven by a TXT record.' })
  async addDomain(
    @Ctx() context: TenantContext,
    @Arg('input', () => AddDomainInput) input: AddDomainInput,
  ): Promise<EmailDomainType> {
    return toEmailDomainType(await context.services.domains.add(context, input));
  }

  @Mutation(() => EmailDomainType, { description: 'Looks for the TXT record that proves a domain.' })
  async verifyDomain(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<EmailDomainType> {
    return toEmailDomainType(await context.services.domains.verify(context, id));
  }

  @Mutation(() => EmailDomainType, { description: 'Decides who may join by an address of a domain.' })
  async setDomainAutoJoin(
    @Ctx() context: TenantContext,
    @Arg('input', () => SetDomainAutoJoinInput) input: SetDomainAutoJoinInput,
  ): Promise<EmailDomainType> {
    return toEmailDomainType(await context.services.domains.setAutoJoin(context, input));
  }

  @Mutation(() => Boolean, { description: 'Takes a domain away from the active tenant; its people stay.' })
  async removeDomain(@Ctx() context: TenantContext, @Arg('id', () => ID) id: string): Promise<boolean> {
    return context.services.domains.remove(context, id);
  }

  @Mutation(() => MembershipType, {
    description: 'Joins a tenant that lets in people with proven addresses of its domain.',
  })
  async joinTenant(
    @Ctx() context: TenantContext,
    @Arg('tenantId', () => ID) tenantId: string,
  ): Promise<MembershipType> {
    return toMembershipType(await context.services.domainJoins.join(context, tenantId));
  }
}
