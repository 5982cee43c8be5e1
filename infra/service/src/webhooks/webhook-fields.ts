import { booleanField } from '../config/index.js';

/** Settings of every service that calls webhooks. */
export const webhookFields = {
  /** Whether webhooks may lead to private and loopback addresses, and be plain HTTP; for laptops, tests, and receivers next door. */
  WEBHOOKS_ALLOW_PRIVATE: booleanField.default(false),
};
