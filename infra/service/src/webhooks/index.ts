export { isPublicAddress } from './public-address.js';
export { createWebhookSender, type WebhookMessage, type WebhookOutcome, type WebhookSender } from './send-webhook.js';
export { signWebhook, verifyWebhook, type VerifiedWebhook, type WebhookHeaders } from './signature.js';
export { webhookFields } from './webhook-fields.js';
export { createWebhookSecret, webhookSecretsField } from './webhook-secret.js';
