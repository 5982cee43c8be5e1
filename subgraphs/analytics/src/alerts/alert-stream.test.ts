import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { permissionsOf, type Principal } from '@tessera/service/identity';
import { createLogger } from '@tessera/service/logging';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { SharedFeeds } from '../streams/shared-feeds.js';
import { AlertFeed } from './alert-feed.js';
import { AlertStreamService } from './alert-stream.service.js';

const logger = createLogger({ service: 'test', level: 'silent' });

/** A person who may read the alerts of a tenant. */
const aReader = (tenantId: string): Principal => ({
  kind: 'user',
  userId: 'reader',
  tenantId,
  roles: ['USER'],
  scopes: [...permissionsOf(['USER'])],
});

test('who comes back to changes that cannot be read is told so, and leaves no feed behind', async () => {
  const feeds = new SharedFeeds(
    (tenantId) =>
      new AlertFeed({
        tenantId,
        pubSub: createInProcessPubSubHub(),
        logger,
        readSequence: async () => 7,
        readChanges: () => Promise.reject(new AppError('OVERLOADED', 'The database is too busy')),
      }),
  );
  const service = new AlertStreamService({ feeds, logger, readSequences: async () => new Map() });
  const tenantIds = ['a', 'b', 'b', 'c', 'c'];
  const streams = await Promise.all(
    tenantIds.map((tenantId) => service.watch({ principal: aReader(tenantId), lastEventId: '1' })),
  );
  expect(feeds.size).toBe(3);

  for (const stream of streams) await expect(stream.next()).rejects.toMatchObject({ code: 'OVERLOADED' });

  // `for await`, and so GraphQL, does not call `return` after a failure.
  expect(feeds.size).toBe(0);
  expect(await Promise.all(streams.map((stream) => stream.next()))).toEqual(
    streams.map(() => ({ done: true, value: undefined })),
  );
});
