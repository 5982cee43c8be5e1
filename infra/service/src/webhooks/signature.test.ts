import { describe, expect, test } from '@jest/globals';
import { signWebhook, verifyWebhook } from './signature.js';
import { createWebhookSecret, webhookSecretsField } from './webhook-secret.js';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const body = '{"test": 2432232314}';
const secret = createWebhookSecret();
const sign = (): Record<string, string> => ({ ...signWebhook({ id: 'msg_1', body, secrets: [secret], nowMs }) });
const refusal = expect.objectContaining({ code: 'UNAUTHENTICATED' });

describe('signatures of webhooks', () => {
  test('are those of the example in the specification', () => {
    const headers = signWebhook({
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      body,
      secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
      nowMs: 1_614_265_330_000,
    });

    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('tell the id of a message that is as it was sent', () => {
    expect(verifyWebhook([secret], sign(), body, nowMs)).toEqual({ id: 'msg_1', sentAtMs: nowMs });
  });

  test('hold for either secret while one gives way to another', () => {
    const next = createWebhookSecret();
    const both = { ...signWebhook({ id: 'msg_1', body, secrets: [secret, next], nowMs }) };

    expect(verifyWebhook([next], both, body, nowMs).id).toBe('msg_1');
    expect(verifyWebhook([next, secret], sign(), body, nowMs).id).toBe('msg_1');
  });

  test.each([
    ['another body', {}, `${body} `],
    ['another id', { 'webhook-id': 'msg_2' }, body],
    ['another time', { 'webhook-timestamp': String(nowMs / 1_000 + 1) }, body],
    ['no signature', { 'webhook-signature': undefined }, body],
    ['a signature of another version', { 'webhook-signature': sign()['webhook-signature']?.replace('v1', 'v2') }, body],
    ['a cut signature', { 'webhook-signature': sign()['webhook-signature']?.slice(0, -8) }, body],
  ])('do not hold for %s', (_name, change, given) => {
    expect(() => verifyWebhook([secret], { ...sign(), ...change }, given, nowMs)).toThrow(refusal);
  });

  test('do not hold for another secret, nor more than five minutes away', () => {
    expect(() => verifyWebhook([createWebhookSecret()], sign(), body, nowMs)).toThrow(refusal);
    expect(verifyWebhook([secret], sign(), body, nowMs + 300_000).id).toBe('msg_1');
    expect(() => verifyWebhook([secret], sign(), body, nowMs + 301_000)).toThrow(refusal);
    expect(() => verifyWebhook([secret], sign(), body, nowMs - 301_000)).toThrow(refusal);
  });
});

test('secrets are whsec_ and 24 to 64 bytes', () => {
  expect(webhookSecretsField.safeParse(secret).success).toBe(true);
  expect(webhookSecretsField.safeParse(secret.slice('whsec_'.length)).success).toBe(false);
  expect(webhookSecretsField.safeParse('whsec_AAAA').success).toBe(false);
  expect(webhookSecretsField.safeParse('whsec_not base64').success).toBe(false);
});
