import type { FilterQuery } from '@mikro-orm/core';
import { findPage, sqlOf, type Page, type PageArguments } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { requireUser } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { NotificationEntity } from './notification.entity.js';

const markSchema = z.object({ ids: z.array(z.uuid()).min(1).max(100) });

/** What people were told, in all their tenants: each reads and marks what is their own. */
export class NotificationService {
  /** The newest first. */
  async list(
    { principal, scope }: Caller,
    unreadOnly: boolean,
    pageArguments: PageArguments,
  ): Promise<Page<NotificationEntity>> {
    const { userId } = requireUser(principal);
    const where: FilterQuery<NotificationEntity> = { userId, ...(unreadOnly && { readAt: null }) };
    return findPage(scope, NotificationEntity, where, pageArguments, 'desc');
  }

  async countUnread({ principal, scope }: Caller): Promise<number> {
    const { userId } = requireUser(principal);
    return scope.read((entityManager) => entityManager.count(NotificationEntity, { userId, readAt: null }));
  }

  /**
   * Marks some as read. Ids of others' and of nothing are passed over.
   *
   * @returns how many were unread, and those named as they are now, the newest first
   */
  async markRead(
    { principal, scope }: Caller,
    ids: readonly string[],
  ): Promise<{ readonly marked: number; readonly named: readonly NotificationEntity[] }> {
    const { userId } = requireUser(principal);
    const input = parseInput(markSchema, { ids });
    const marked = await mark(scope, 'user_id = $1 and id = any($2::uuid[])', [userId, input.ids]);
    const named = await scope.read((entityManager) =>
      entityManager.find(NotificationEntity, { userId, id: { $in: input.ids } }, { orderBy: { id: 'desc' } }),
    );
    return { marked, named };
  }

  /** Marks all that there are. @returns how many were unread */
  async markAllRead({ principal, scope }: Caller): Promise<number> {
    const { userId } = requireUser(principal);
    return mark(scope, 'user_id = $1', [userId]);
  }
}

async function mark(scope: Caller['scope'], condition: string, parameters: readonly unknown[]): Promise<number> {
  const sql = `update notification set read_at = now() where ${condition} and read_at is null returning id`;
  const marked = await scope.write((entityManager) => sqlOf(entityManager)(sql, parameters));
  return marked.length;
}
