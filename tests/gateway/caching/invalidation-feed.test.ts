import { afterEach, expect, test } from '@jest/globals';
import { createInvalidationFeed, type InvalidationFeed } from '@tessera/gateway/caching/store/invalidation-feed';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

interface Heard {
  readonly feed: InvalidationFeed;
  readonly tags: string[];
  missed: number;
}

function listen(pubSub: PubSub, now?: () => number): Heard {
  const heard: Heard = {
    tags: [],
    missed: 0,
    feed: createInvalidationFeed({
      pubSub,
      logger: quietLogger(),
      onInvalidated: (tags) => heard.tags.push(...tags),
      onMissed: () => (heard.missed += 1),
      beatIntervalMs: 20,
      ...(now !== undefined && { now }),
    }),
  };
  leftovers.defer('feed', () => heard.feed.close());
  return heard;
}

test('is not believed before it has heard anything, and then is', async () => {
  const { feed } = listen(createInProcessPubSubHub());

  expect(feed.isLive()).toBe(false);
  await eventually(() => feed.isLive());
});

test('what one announces, the others hear', async () => {
  const hub = createInProcessPubSubHub();
  const [one, other] = [listen(hub), listen(hub)];
  await eventually(() => one.feed.isLive() && other.feed.isLive());

  await one.feed.announce(['type:Book'], 7);

  await eventually(() => other.tags.includes('type:Book'));
});

test('who hears nothing any more is not believed, and has missed something when news come again', async () => {
  let nowMs = 0;
  const heard = listen(createInProcessPubSubHub(), () => nowMs);
  await eventually(() => heard.feed.isLive());
  const missed = heard.missed;

  nowMs += 10_000;
  expect(heard.feed.isLive()).toBe(false);

  await eventually(() => heard.feed.isLive());
  expect(heard.missed).toBe(missed + 1);
});

test('a message that cannot be read may have been an invalidation', async () => {
  const hub = createInProcessPubSubHub();
  const heard = listen(hub);
  await eventually(() => heard.feed.isLive());
  const missed = heard.missed;

  await hub.publish('gateway.cache', { nonsense: true });

  await eventually(() => heard.missed > missed);
});
