import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';

/** Tells who watches an export that it has moved; what it is now is in the database. */
export type AnnounceExport = (exportId: string) => Promise<void>;

/** The channel on which instances tell each other that an export has moved. */
export const exportChannel = (exportId: string): string => `export:${exportId}`;

/** Watchers look by themselves too: news that get lost make an export no less complete. */
export function createExportAnnouncer(pubSub: PubSub, logger: Logger): AnnounceExport {
  return async (exportId) => {
    try {
      await pubSub.publish(exportChannel(exportId), null);
    } catch (error) {
      logger.warn({ err: error }, 'progress of an export could not be announced');
    }
  };
}
