import { AppError } from '@tessera/service/errors';
import { type Connection, Events, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { UserContext } from '../context.js';
import { toUserType, UserType } from '../profiles/profile.type.js';
import { TenantType, toTenantType } from '../references/tenant.type.js';
import { notificationStream } from './announce-notifications.js';
import type { NotificationEntity } from './notification.entity.js';
import {
  MarkNotificationsReadPayload,
  NotificationConnection,
  NotificationType,
  toNotificationType,
} from './notification.type.js';

@Resolver(() => NotificationType)
export class NotificationResolver {
  @PagedCost()
  @Query(() => NotificationConnection, {
    description: 'What the caller was told, in all tenants, the newest first; the last 1,000 are kept.',
  })
  async notifications(
    @Ctx() context: UserContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('unreadOnly', () => Boolean, { defaultValue: false, description: 'Only what was not marked as read.' })
    unreadOnly: boolean,
  ): Promise<Connection<NotificationType>> {
    return toConnection(await context.services.notifications.list(context, unreadOnly, page), toNotificationType);
  }

  @Query(() => Int, { description: 'How many notifications the caller has not marked as read.' })
  async unreadNotificationCount(@Ctx() context: UserContext): Promise<number> {
    return context.services.notifications.countUnread(context);
  }

  @Mutation(() => MarkNotificationsReadPayload, {
    description: 'Marks notifications of the caller as read, at most 100; ids of anything else are passed over.',
  })
  async markNotificationsRead(
    @Ctx() context: UserContext,
    @Arg('ids', () => [ID]) ids: string[],
  ): Promise<MarkNotificationsReadPayload> {
    const { marked, named } = await context.services.notifications.markRead(context, ids);
    return toPayload(context, marked, named);
  }

  @Mutation(() => MarkNotificationsReadPayload, { description: 'Marks all notifications of the caller as read.' })
  async markAllNotificationsRead(@Ctx() context: UserContext): Promise<MarkNotificationsReadPayload> {
    return toPayload(context, await context.services.notifications.markAllRead(context));
  }

  @Events({ stream: notificationStream('{userId}'), payload: 'entity' })
  @Subscription(() => NotificationType, {
    name: 'notifications',
    description:
      'What the caller is told, when it happens. Events have ids: who comes back with `lastEventId` within a day misses none of the last 1,000.',
    subscribe: () => {
      throw new AppError('PRECONDITION_FAILED', 'Gateways take these events from their stream');
    },
  })
  notified(@Root() notification: NotificationType): NotificationType {
    return notification;
  }

  @FieldResolver(() => TenantType, {
    nullable: true,
    description: 'Where it happened; null for what belongs to no tenant, and for a tenant that the person has left.',
  })
  tenant(@Root() { tenantId }: NotificationType): TenantType | null {
    return tenantId === null ? null : toTenantType(tenantId);
  }

  @FieldResolver(() => UserType, {
    nullable: true,
    description: 'Whom it is about, where that is somebody else; null also where its tenant is not the active one.',
  })
  async subject(
    @Root() { tenantId, subjectId }: NotificationType,
    @Ctx() { principal, loaders }: UserContext,
  ): Promise<UserType | null> {
    // Profiles are seen from inside their tenants: the loader would wait for one that cannot come.
    if (subjectId === null || tenantId !== principal.tenantId) return null;
    const profile = await loaders.profileById.load(subjectId);
    return profile === null ? null : toUserType(profile);
  }
}

async function toPayload(
  context: UserContext,
  marked: number,
  named: readonly NotificationEntity[] = [],
): Promise<MarkNotificationsReadPayload> {
  const unreadCount = await context.services.notifications.countUnread(context);
  const notifications = named.map(toNotificationType);
  return Object.assign(new MarkNotificationsReadPayload(), { marked, unreadCount, notifications });
}
