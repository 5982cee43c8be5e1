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

  test('what lies in the future happens now, and events may be as old as the setting says', () => {
    expect(parse({ occurredAt: new Date('2026-06-01T12:00:01Z') })?.occurredAt).toBe(now.toISOString());
    expect(parse({ occurredAt: new Date('2030-01-01T00:00:00Z') })?.occurredAt).toBe(now.toISOString());
    expect(parse({ occurredAt: new Date('2026-05-02T12:00:00Z') })?.occurredAt).toBe('2026-05-02T12:00:00.000Z');
    expect(() => parse({ occurredAt: new Date('2026-05-02T11:59:59Z') })).toThrow(/events\.0\.occurredAt.*30 days/);
  });

  test.each([
    ['a day fast', '2026-06-02T12:00:00Z', '2026-06-02T11:50:00Z'],
    ['a year slow', '2025-06-01T12:00:00Z', '2025-06-01T11:50:00Z'],
    ['right', '2026-06-01T12:00:00Z', '2026-06-01T11:50:00Z'],
  ])('by a clock that is %s, events happened as long before they were sent', (_case, sentAt, occurredAt) => {
    const [event, another] = parseInput(trackSchema(now, 30), {
      sentAt: new Date(sentAt),
      events: [{ name: 'a', occurredAt: new Date(occurredAt) }, { name: 'b' }],
    });

    expect(event?.occurredAt).toBe('2026-06-01T11:50:00.000Z');
    // What has no time has it from our clock.
    expect(another?.occurredAt).toBe(now.toISOString());
  });

  test('what is no date is refused, and so is what was sent so long ago that it is too old', () => {
    const send = (call: object) => parseInput(trackSchema(now, 30), { events: [{ name: 'a' }], ...call });

    expect(() => send({ sentAt: 'yesterday' })).toThrow(/sentAt/);
    expect(() => send({ sentAt: new Date(Number.NaN) })).toThrow(/sentAt/);
    expect(() => parse({ occurredAt: new Date(Number.NaN) })).toThrow(/occurredAt/);
    const [occurredAt, sentAt] = [new Date('2026-04-01T12:00:00Z'), new Date('2026-06-01T12:00:00Z')];
    expect(() => send({ sentAt, events: [{ name: 'a', occurredAt }] })).toThrow(/30 days/);
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
