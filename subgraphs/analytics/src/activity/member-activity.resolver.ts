import { hasPermission, isSelf } from '@tessera/service/identity';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { UserType } from '../references/user.type.js';
import { MemberActivityType } from './member-activity.type.js';

@Resolver(() => UserType)
export class MemberActivityResolver {
  @FieldResolver(() => MemberActivityType, {
    nullable: true,
    description:
      'When the person was active in the active tenant: one’s own, and for who manages members those of all; null for who was not.',
  })
  async activity(
    @Root() { id }: UserType,
    @Ctx() { principal, loaders }: AnalyticsContext,
  ): Promise<MemberActivityType | null> {
    if (!isSelf(principal, id) && !hasPermission(principal, 'members:manage')) return null;
    const activity = await loaders.activityByUser.load(id);
    return activity === null ? null : Object.assign(new MemberActivityType(), activity);
  }
}
