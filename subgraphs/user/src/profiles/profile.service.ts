import { LockMode, type FilterQuery } from '@mikro-orm/core';
import { findPage, sqlOf, type Page, type PageArguments } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox, type DomainEvent } from '@tessera/service/events';
import { requirePermission, requireUser } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import type DataLoader from 'dataloader';
import { z } from 'zod';
import { findMembers, hasTrigrams } from '../members/find-members.js';
import type { MembershipStatus } from '../members/member-status.js';
import { profileRenamed } from '../members/member-names.js';
import { localeChanged } from '../events/locale-changed.js';
import { pictureRule } from '../pictures/picture-events.js';
import type { PictureLoader } from '../pictures/picture.loader.js';
import { ProfileEntity } from './profile.entity.js';
import { patchPreferences, updatePreferencesSchema } from './preferences.js';
import { updateProfileSchema } from './profile-input.js';

const searchSchema = z.object({ search: z.string().trim().max(200).nullish() });

type ProfileLoader = DataLoader<string, ProfileEntity | null>;

interface ProfileLoaders {
  readonly profileById: ProfileLoader;
  readonly newPictureById: PictureLoader;
}

/** What people say about themselves. */
export class ProfileService {
  constructor(private readonly now: () => Date = () => new Date()) {}

  /**
   * Changes the caller's own profile. Absent fields stay as they are.
   *
   * @throws AppError `BAD_USER_INPUT`, also for a file that cannot be the caller's picture
   */
  async update(caller: Caller, loaders: ProfileLoaders, input: unknown): Promise<ProfileEntity> {
    const changes = parseInput(updateProfileSchema, input);
    const { avatarFileId } = changes;
    if (typeof avatarFileId === 'string') await assertOwnPicture(caller, loaders.newPictureById, avatarFileId);
    return this.#changeOwn(caller, loaders.profileById, (profile) => {
      const isRenamed = changes.displayName !== undefined && changes.displayName !== profile.displayName;
      if (changes.displayName !== undefined) profile.displayName = changes.displayName;
      if (changes.avatarFileId !== undefined) profile.avatarFileId = changes.avatarFileId;
      if (changes.timeZone !== undefined) profile.timeZone = changes.timeZone;
      const renamed = isRenamed ? [profileRenamed(profile.id)] : [];
      if (changes.locale === undefined || changes.locale === profile.locale) return renamed;
      profile.locale = changes.locale;
      return [...renamed, localeChanged({ userId: profile.id, locale: changes.locale })];
    });
  }

  /** Changes the caller's own preferences: see {@link patchPreferences}. */
  async updatePreferences(caller: Caller, profiles: ProfileLoader, input: unknown): Promise<ProfileEntity> {
    const { preferences } = parseInput(updatePreferencesSchema, input);
    return this.#changeOwn(caller, profiles, (profile) => {
      profile.preferences = patchPreferences(profile.preferences, preferences);
      return [];
    });
  }

  /** The members of the active tenant who have a status; with a text those of whose names a word begins with it or, in Latin letters, is spelt like it. */
  async list(
    { principal, scope }: Caller,
    { search, status }: { readonly search: string | undefined; readonly status: MembershipStatus },
    pageArguments: PageArguments,
  ): Promise<Page<ProfileEntity>> {
    const { tenantId } = requirePermission(principal, 'members:read');
    const { search: text } = parseInput(searchSchema, { search });
    if (text !== undefined && text !== null && hasTrigrams(text))
      return findMembers(scope.stale, { tenantId, text, status }, pageArguments);
    const where: FilterQuery<ProfileEntity> = {
      memberships: { $some: { tenantId, ...(status === 'ACTIVE' ? { isActive: true } : { isDeactivated: true }) } },
      ...(text ? { $or: wordPrefixes(text).map((pattern) => ({ displayName: { $ilike: pattern } })) } : {}),
    };
    return findPage(scope.stale, ProfileEntity, where, pageArguments, 'asc');
  }

  /** Locks the row, so that two changes at once add up instead of undoing each other. @param change answers what to announce */
  async #changeOwn(
    { principal, scope }: Caller,
    profiles: ProfileLoader,
    change: (profile: ProfileEntity) => readonly DomainEvent[],
  ): Promise<ProfileEntity> {
    const { userId } = requireUser(principal);
    if ((await profiles.load(userId)) === null) throw notFound('Profile');
    profiles.clear(userId);
    return scope.write(async (entityManager) => {
      const profile = await entityManager.findOneOrFail(
        ProfileEntity,
        { id: userId },
        { lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      const events = change(profile);
      profile.updatedAt = this.now();
      await entityManager.flush();
      if (events.length > 0) await appendToOutbox(sqlOf(entityManager), events);
      return profile;
    });
  }
}

/** A file that does not exist, another's file and one that is no image are told alike. */
async function assertOwnPicture({ principal }: Caller, pictures: PictureLoader, fileId: string): Promise<void> {
  const { userId, tenantId } = requireUser(principal);
  const picture = tenantId === undefined ? null : await pictures.load(fileId);
  if (picture?.ownerId === userId) return;
  const fault = { field: 'avatarFileId', reason: `must name ${pictureRule}`, rule: 'CUSTOM' };
  throw new AppError('BAD_USER_INPUT', `avatarFileId must name ${pictureRule}`, { details: { fields: [fault] } });
}

/** Patterns of LIKE for "a word begins with this"; a word begins after a space or a hyphen. */
function wordPrefixes(text: string): string[] {
  const escaped = text.replace(/[\\%_]/g, '\\$&');
  return [`${escaped}%`, `% ${escaped}%`, `%-${escaped}%`];
}
