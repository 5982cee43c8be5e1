import { domainToASCII } from 'node:url';
import { z } from 'zod';

/** Where anybody gets an address: it says nothing about whom somebody belongs to. */
const publicMailDomains = new Set(
  `126.com 163.com aliyun.com aol.com fastmail.com foxmail.com gmail.com gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com
  hotmail.com hotmail.co.uk hotmail.fr icloud.com inbox.com laposte.net libero.it live.com mac.com mail.com mail.ru me.com
  msn.com naver.com orange.fr outlook.com outlook.de pm.me proton.me protonmail.com qq.com rediffmail.com sina.com sohu.com
  t-online.de tuta.com tutanota.com web.de yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru yeah.net
  ymail.com zoho.com`
    .trim()
    .split(/\s+/),
);

const labels = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** Schema of a domain that can be proven, as DNS writes it; addresses of machines and domains that are everybody's are none. */
export const domainSchema = z
  .string()
  .max(253)
  .transform((text) => domainToASCII(text.trim().toLowerCase()))
  .refine((domain) => domain.length <= 253 && labels.test(domain), 'must be a domain, like example.com')
  .refine((domain) => !publicMailDomains.has(domain), 'is a public mail domain');

/** The domain of an address. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}
