import type { SubgraphContext } from '@tessera/service/subgraph';
import type { createNotificationLoader } from './notifications/notification.loader.js';
import type { NotificationService } from './notifications/notification.service.js';
import type { PictureLoader } from './pictures/picture.loader.js';
import type { createProfileLoader } from './profiles/profile.loader.js';
import type { ProfileService } from './profiles/profile.service.js';

export interface UserContext extends SubgraphContext {
  readonly services: { readonly profiles: ProfileService; readonly notifications: NotificationService };
  readonly loaders: {
    readonly profileById: ReturnType<typeof createProfileLoader>;
    readonly notificationById: ReturnType<typeof createNotificationLoader>;
    readonly pictureById: PictureLoader;
    readonly newPictureById: PictureLoader;
  };
}
