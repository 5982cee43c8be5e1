import type { SubgraphContext } from '@tessera/service/subgraph';
import type { PictureLoader } from './pictures/picture.loader.js';
import type { createProfileLoader } from './profiles/profile.loader.js';
import type { ProfileService } from './profiles/profile.service.js';

export interface UserContext extends SubgraphContext {
  readonly services: { readonly profiles: ProfileService };
  readonly loaders: {
    readonly profileById: ReturnType<typeof createProfileLoader>;
    readonly pictureById: PictureLoader;
    readonly newPictureById: PictureLoader;
  };
}
