import { ConfigError, type Secrets } from '@tessera/service/config';

/** Where subgraphs are asked that answer to nobody but a gateway. */
const signedSettings = [
  'API_KEYS_URL',
  'ENDED_SESSIONS_URL',
  'EXHAUSTED_QUOTAS_URL',
  'OPERATION_MANIFESTS_URL',
  'TENANT_PLANS_URL',
] as const;

type SigningSettings = { readonly PRINCIPAL_SECRET?: Secrets | undefined } & {
  readonly [Name in (typeof signedSettings)[number]]?: string | undefined;
};

/** @throws ConfigError where something could not be asked for, and API keys, say, would just not work */
export function assertSigning<Settings extends SigningSettings>(settings: Settings): Settings {
  if (settings.PRINCIPAL_SECRET !== undefined) return settings;
  const faults = signedSettings
    .filter((name) => settings[name] !== undefined)
    .map((name) => `${name}: needs PRINCIPAL_SECRET`);
  if (faults.length > 0) throw new ConfigError(faults);
  return settings;
}
