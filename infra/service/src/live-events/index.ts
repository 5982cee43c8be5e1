export { createLiveEvents, type CreateLiveEventsOptions } from './create-live-events.js';
export type { LiveEvents, LiveListener, LiveSource } from './live-events.js';
