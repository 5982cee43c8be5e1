import { describe, expect, test } from '@jest/globals';
import { assertMail } from './assert-mail.js';

describe('assertMail', () => {
  test.each(['ada@example.com', 'ada+tag@sub.example.com', 'ädä@exämple.com'])('lets %s pass', (to) => {
    expect(() => assertMail({ to, subject: 'Hello', text: '' })).not.toThrow();
  });

  test.each([
    '',
    'ada',
    'ada@example.com, eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    '<ada@example.com>',
  ])('refuses %j as an address', (to) => {
    expect(() => assertMail({ to, subject: 'Hello', text: '' })).toThrow(/address/);
  });

  test('refuses a subject that would start another header', () => {
    const mail = { to: 'ada@example.com', subject: 'Hello\nBcc: eve@example.com', text: '' };

    expect(() => assertMail(mail)).toThrow(/subject/);
  });
});
