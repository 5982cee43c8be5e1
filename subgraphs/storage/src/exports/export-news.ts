import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';

/** Tells who watches an export that it has moved, soon; what it is now is in the database. */
export type AnnounceExport = (exportId: string) => void;

/** So often at most is told of one export, the last move included. */
const announcedEveryMs = 250;

/** The channel on which instances tell each other that an export has moved. */
export const exportChannel = (exportId: string): string => `export:${exportId}`;

/** Watchers look by themselves too: news that get lost make an export no less complete. */
export function createExportAnnouncer(pubSub: PubSub, logger: Logger): AnnounceExport {
  /** Whether an export that was announced a moment ago has moved since. */
  const lately = new Map<string, boolean>();

  const announce = (exportId: string): void => {
    if (lately.has(exportId)) {
      lately.set(exportId, true);
      return;
    }
    lately.set(exportId, false);
    pubSub.publish(exportChannel(exportId), null).catch((error: unknown) => {
      logger.warn({ err: error }, 'progress of an export could not be announced');
    });
    setTimeout(() => {
      const hasMoved = lately.get(exportId) === true;
      lately.delete(exportId);
      if (hasMoved) announce(exportId);
    }, announcedEveryMs).unref();
  };
  return announce;
}
