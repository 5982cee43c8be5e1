import { describe, expect, test } from '@jest/globals';
import { contentDisposition } from './content-disposition.js';

describe('the header Content-Disposition', () => {
  test('carries any name in ASCII', () => {
    const header = contentDisposition('text/plain', `a"b\\c%20 ü's (1)*.txt`);

    expect(header).toBe(
      `attachment; filename="a_b_c_20 _'s (1)*.txt"; filename*=UTF-8''a%22b%5Cc%2520%20%C3%BC%27s%20%281%29%2A.txt`,
    );
  });

  test.each(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/png; charset=utf-8'])(
    'shows %s in place',
    (type) => {
      expect(contentDisposition(type, 'a')).toMatch(/^inline;/);
    },
  );

  test.each(['image/svg+xml', 'text/html', 'application/pdf', 'text/xml', 'text/html; image/png'])(
    'saves %s',
    (type) => {
      expect(contentDisposition(type, 'a')).toMatch(/^attachment;/);
    },
  );
});
