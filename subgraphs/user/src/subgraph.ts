import 'reflect-metadata';
import { defineSubgraph, dispatchEvents } from '@tessera/service/subgraph';
import { DataScope } from '@tessera/service/tenancy';
import { userConfigSchema } from './config.js';
import type { UserContext } from './context.js';
import { consumedEvents } from './events/consumed-events.js';
import { MemberEntity } from './members/member.entity.js';
import { searchFunctions } from './members/find-members.js';
import { memberNames } from './members/member-names.js';
import { Migration0001Profiles } from './migrations/0001-profiles.js';
import { Migration0002Pictures } from './migrations/0002-pictures.js';
import { Migration0004Subjects } from './migrations/0004-subjects.js';
import { userData } from './personal-data.js';
import { Migration0003Notifications } from './migrations/0003-notifications.js';
import { Migration0005TypedPreferences } from './migrations/0005-typed-preferences.js';
import { Migration0006MemberNames } from './migrations/0006-member-names.js';
import { Migration0007DeactivatedMembers } from './migrations/0007-deactivated-members.js';
import { Migration0008RecentWrites } from './migrations/0008-recent-writes.js';
import { announceNotifications } from './notifications/announce-notifications.js';
import { NotificationEntity } from './notifications/notification.entity.js';
import { createNotificationLoader } from './notifications/notification.loader.js';
import { NotificationResolver } from './notifications/notification.resolver.js';
import { NotificationService } from './notifications/notification.service.js';
import { toNotificationType } from './notifications/notification.type.js';
import { PictureEntity } from './pictures/picture.entity.js';
import { createNewPictureLoader, createPictureLoader } from './pictures/picture.loader.js';
import { ProfileEntity } from './profiles/profile.entity.js';
import { createEmptyProfileLoader, createProfileLoader } from './profiles/profile.loader.js';
import { ProfileResolver } from './profiles/profile.resolver.js';
import { ProfileService } from './profiles/profile.service.js';
import { toUserType } from './profiles/profile.type.js';

export const userSubgraph = defineSubgraph({
  name: 'user',
  personalData: userData,
  configSchema: userConfigSchema,
  entities: [ProfileEntity, MemberEntity, PictureEntity, NotificationEntity],
  migrations: [
    { name: '0001-profiles', class: Migration0001Profiles },
    { name: '0002-pictures', class: Migration0002Pictures },
    { name: '0003-notifications', class: Migration0003Notifications },
    { name: '0004-subjects', class: Migration0004Subjects },
    { name: '0005-typed-preferences', class: Migration0005TypedPreferences },
    { name: '0006-member-names', class: Migration0006MemberNames },
    { name: '0007-deactivated-members', class: Migration0007DeactivatedMembers },
    { name: '0008-recent-writes', class: Migration0008RecentWrites },
  ],
  leakproofFunctions: searchFunctions,
  resolvers: [ProfileResolver, NotificationResolver],
  references: {
    User: async ({ id }, { loaders }: UserContext) => {
      const profile = await loaders.profileById.load(String(id));
      return profile === null ? null : toUserType(profile);
    },
    Notification: async ({ id }, { loaders }: UserContext) => {
      const notification = await loaders.notificationById.load(String(id));
      return notification === null ? null : toNotificationType(notification);
    },
  },
  assemble: ({ orm, liveEvents }) => {
    const services = { profiles: new ProfileService(), notifications: new NotificationService() };
    return {
      events: dispatchEvents([consumedEvents, memberNames, announceNotifications(liveEvents)]),
      createContext: (base) => {
        const openScope = (): DataScope => new DataScope(orm, base.principal);
        const isAnonymous = base.principal.kind === 'anonymous';
        return {
          ...base,
          services,
          loaders: {
            profileById: isAnonymous ? createEmptyProfileLoader() : createProfileLoader(openScope),
            notificationById: createNotificationLoader(base.scope),
            pictureById: createPictureLoader(openScope),
            newPictureById: createNewPictureLoader(openScope),
          },
        };
      },
    };
  },
});
