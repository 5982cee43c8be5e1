import { describe, expect, test } from '@jest/globals';
import { mailKinds } from './mail-kinds.js';
import { renderMail } from './render-mail.js';

const values = { link: 'https://app.example.com/x?a=1&b=2#token=abc', code: '012345' };

describe('mails', () => {
  test.each(mailKinds)('of kind %s say the same in English and Chinese, as text and HTML', (kind) => {
    const english = renderMail(kind, null, values);
    const chinese = renderMail(kind, 'zh-Hans-CN', values);

    expect(chinese.subject).toMatch(/\p{Script=Han}/u);
    expect(english.subject).toMatch(/^[\x20-\x7e]+$/);
    for (const value of [values.link, values.code]) {
      expect(chinese.text.includes(value)).toBe(english.text.includes(value));
    }
    expect(english.html).toContain('<html lang="en">');
    expect(chinese.html).toContain('<html lang="zh">');
    expect(english.html.includes('href=')).toBe(english.text.includes(values.link));
  });

  test.each([
    ['zh', 'zh'],
    ['ZH-tw', 'zh'],
    ['de-CH', 'en'],
    ['zhx', 'en'],
    ['', 'en'],
  ])('for the locale %j are in %s', (locale, language) => {
    expect(renderMail('verify-email', locale, values).html).toContain(`lang="${language}"`);
  });

  test('hold links in HTML so that nothing else can be slipped in, and load nothing', () => {
    const { html } = renderMail('sign-in', null, { link: 'https://x/"><script>', code: '<b>' });

    expect(html).toContain('href="https://x/&quot;&gt;&lt;script&gt;"');
    expect(html).toContain('&lt;b&gt;');
    expect(html).not.toMatch(/<script|<img|src=/);
  });
});
