import { ConfigError } from '@tessera/service/config';
import { networksField } from '@tessera/service/http';
import type { z } from 'zod';
import { headerNameField } from './config-lists.js';

/** How a gateway finds out where requests come from. */
export const clientFields = {
  /** `10.0.0.0/8, loopback`: proxies whose `X-Forwarded-For` is believed; without any, who is connected is the client. */
  TRUSTED_PROXIES: networksField,
  /** Headers in which these say where a client is, as `CF-IPCountry`; nobody else's are heard. */
  CLIENT_COUNTRY_HEADER: headerNameField.optional(),
  CLIENT_CITY_HEADER: headerNameField.optional(),
};

type ClientSettings = z.infer<z.ZodObject<typeof clientFields>> & { readonly FORWARD_HEADERS: readonly string[] };

/** @throws ConfigError where a place would be believed of everybody: that of nobody's proxy, or handed on as it came */
export function assertPlaceHeaders<Settings extends ClientSettings>(settings: Settings): Settings {
  const faults = (['CLIENT_COUNTRY_HEADER', 'CLIENT_CITY_HEADER'] as const).flatMap((name) => {
    const header = settings[name];
    if (header === undefined) return [];
    if (settings.TRUSTED_PROXIES.length === 0) return [`${name}: only with TRUSTED_PROXIES, which write it`];
    return settings.FORWARD_HEADERS.includes(header)
      ? [`${name}: not one of FORWARD_HEADERS, which anybody may send`]
      : [];
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return settings;
}
