export { createInProcessPubSubHub } from './in-process-pubsub.js';
export type { PubSub, PubSubSubscription, SubscribeOptions } from './pubsub.js';
