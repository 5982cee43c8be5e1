import { ConfigError } from '@tessera/service/config';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { z } from 'zod';
import type { AuthConfig } from '../config.js';

const deadlineMs = 3_000;
const maxTokenLength = 4_096;

const answerSchema = z.object({ success: z.boolean() });

export interface CaptchaOptions {
  /** Where tokens are verified: the `siteverify` of Cloudflare Turnstile, hCaptcha or Google reCAPTCHA, which are asked alike. */
  readonly url: string;
  readonly secret: string;
  /** Whether whom nobody has judged is let through. */
  readonly letsUnansweredIn: boolean;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Asks a service whether a client is one that a person sits before; of a platform without such a service everybody is. */
export class Captcha {
  constructor(private readonly options: CaptchaOptions | undefined) {}

  /**
   * @param token what the service's widget gave the page; good once
   * @throws AppError `FORBIDDEN` with the reason `CAPTCHA_REQUIRED` without a good token, `SUBGRAPH_UNAVAILABLE` where nobody judges it
   */
  async assertPerson(token: string | null | undefined): Promise<void> {
    if (this.options === undefined) return;
    if (!token || token.length > maxTokenLength || !(await isGood(this.options, token))) {
      throw new AppError('FORBIDDEN', 'Show that a person asks', { details: { reason: 'CAPTCHA_REQUIRED' } });
    }
  }
}

async function isGood({ url, secret, letsUnansweredIn, logger }: CaptchaOptions, token: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ secret, response: token }),
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    return answerSchema.parse(await response.json()).success;
  } catch (error) {
    logger.warn({ err: error }, 'nobody has judged a captcha');
    if (letsUnansweredIn) return true;
    throw new AppError('SUBGRAPH_UNAVAILABLE', 'Nobody can tell at present whether a person asks', { cause: error });
  }
}

/** @throws ConfigError for a service without a secret */
export function openCaptcha(
  { CAPTCHA_URL: url, CAPTCHA_SECRET: secret, CAPTCHA_UNANSWERED: unanswered }: AuthConfig,
  logger: Pick<Logger, 'warn'>,
): Captcha {
  if (url === undefined) return new Captcha(undefined);
  if (secret === undefined) throw new ConfigError(['CAPTCHA_SECRET: is required with CAPTCHA_URL']);
  return new Captcha({ url, secret, letsUnansweredIn: unanswered === 'allow', logger });
}
