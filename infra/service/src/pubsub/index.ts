export { createPubSub, type CreatePubSubOptions } from './create-pubsub.js';
export { createInProcessPubSubHub } from './in-process-pubsub.js';
export type { PubSub, PubSubSubscription, SubscribeOptions } from './pubsub.js';
export { createRedisPubSub, type RedisPubSubOptions } from './redis-pubsub.js';
