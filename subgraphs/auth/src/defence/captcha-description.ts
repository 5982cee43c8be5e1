/** What inputs say of the field that takes a captcha's token. */
export const captchaDescription =
  'What the platform’s captcha gave the page, where it has one; FORBIDDEN with the reason CAPTCHA_REQUIRED without.';
