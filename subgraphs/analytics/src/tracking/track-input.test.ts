import { describe, expect, test } from '@jest/globals';
import { parseInput } from '@tessera/service/errors';
import { trackSchema } from './track-input.js';

const now = new Date('2026-06-01T12:00:00Z');
const parse = (event: object) => parseInput(trackSchema(now, 30), { events: [{ name: 'a', ...event }] })[0];

describe('input of track', () => {
  test('what is absent is filled in: a message id, now, no properties', () => {
    const event = parse({});

    expect(event).toMatchObject({ name: 'a', properties: {}, occurredAt: now.toISOString() });
    expect(event?.messageId).toBe(event?.id);
  });

  test('clocks may run ahead a little, and events may be as old as the setting says', () => {
    expect(parse({ occurredAt: new Date('2026-06-01T12:09:00Z') })?.occurredAt).toBe('2026-06-01T12:09:00.000Z');
    expect(parse({ occurredAt: new Date('2026-05-02T12:00:00Z') })?.occurredAt).toBe('2026-05-02T12:00:00.000Z');
    expect(() => parse({ occurredAt: new Date('2026-06-01T12:11:00Z') })).toThrow(/future/);
    expect(() => parse({ occurredAt: new Date('2026-05-02T11:59:59Z') })).toThrow(/30 days/);
  });

  test('names may be in any language, but not begin or end with a space', () => {
    expect(parse({ name: 'Bestellung größer 100 €' })?.name).toBe('Bestellung größer 100 €');
    expect(() => parse({ name: ' a' })).toThrow(/space/);
  });

  test('properties are measured in bytes', () => {
    expect(parse({ properties: { text: 'x'.repeat(8_000) } })).toBeDefined();
    expect(() => parse({ properties: { text: '€'.repeat(3_000) } })).toThrow(/bytes/);
  });
});
