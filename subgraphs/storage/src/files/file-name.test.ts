import { describe, expect, test } from '@jest/globals';
import { faultOfFileName, fileNameSchema } from './file-name.js';

describe('a file name', () => {
  test.each([
    'a',
    'Übersicht 2026.pdf',
    '.env',
    'a..b',
    '100% sure.txt',
    '写真.png',
    '👩‍👩‍👧.png',
    'it’s (1).tar.gz',
    'a:b',
  ])('may be %j', (name) => {
    expect(faultOfFileName(name)).toBeUndefined();
  });

  test.each([
    '',
    '.',
    '..',
    '...',
    'a/b',
    'a\\b',
    '/etc/passwd',
    '..%2f..%2fpasswd',
    '%252e%252e%252f',
    'a%5Cb',
    'a%00.png',
    'a\u2215b',
    'a\uFF0Fb',
    'a\uFF3Cb',
    '\uFF0E\uFF0E',
    '\u2025',
    'a\u0000b',
    'a\nb',
    'a\u0085b',
    'a\u2028b',
    'a\u202Egpj.exe',
    'a\u200Bb',
    'a\uD800b',
    'con',
    'NUL.txt',
    'com1.log',
    'a.',
    'a ',
    ' a',
    'x'.repeat(256),
    '写'.repeat(86),
  ])('may not be %j', (name) => {
    expect(faultOfFileName(name)).toBeDefined();
  });

  test('has one form of Unicode', () => {
    expect(fileNameSchema.parse('U\u0308ber')).toBe('\u00DCber');
  });
});
