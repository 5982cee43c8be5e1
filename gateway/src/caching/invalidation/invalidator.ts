import { AppError } from '@tessera/service/errors';
import type { InvalidationFeed } from '../store/invalidation-feed.js';
import { tagsOf, type ChangedThings } from '../tags/tag-names.js';

/** Makes kept values invalid, in every gateway. */
export interface Invalidator {
  /**
   * Resolves when no gateway answers from what was there before; those that are far away may need a moment to hear of it.
   *
   * @throws AppError `OVERLOADED` where that could not be confirmed: say it again then
   */
  invalidate(things: ChangedThings): Promise<void>;
  /** As {@link invalidate}, by tags. */
  invalidateTags(tags: readonly string[]): Promise<void>;
}

/** A memory of this process, whatever it keeps. */
export interface ForgetfulMemory {
  invalidate(tags: readonly string[]): Promise<number | undefined>;
  forget(tags: readonly string[], stamp: number): void;
  clear(): void;
}

export interface InvalidatorOptions {
  readonly memories: readonly ForgetfulMemory[];
  /** What all gateways share, and how they hear of each other; without it this process is alone. */
  readonly sharing?:
    { readonly store: Pick<ForgetfulMemory, 'invalidate'>; readonly feed: InvalidationFeed } | undefined;
}

/** Creates the invalidator. */
export function createInvalidator({ memories, sharing }: InvalidatorOptions): Invalidator {
  async function invalidateTags(tags: readonly string[]): Promise<void> {
    if (tags.length === 0) return;
    if (sharing === undefined) {
      for (const memory of memories) await memory.invalidate(tags);
      return;
    }
    const stamp = await sharing.store.invalidate(tags);
    if (stamp === undefined) throw new AppError('OVERLOADED', 'The invalidation could not be stored');
    for (const memory of memories) memory.forget(tags, stamp);
    await sharing.feed.announce(tags, stamp);
  }
  return { invalidateTags, invalidate: (things) => invalidateTags(tagsOf(things)) };
}
