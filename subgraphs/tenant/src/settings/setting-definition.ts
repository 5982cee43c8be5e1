import type { JsonObject, JsonValue } from '@tessera/service/json';

/** What a setting is: what its values look like, and which holds where a tenant has set none. */
export interface SettingDefinition {
  readonly key: string;
  readonly description: string;
  /** JSON Schema, draft-07; see `createDocumentCheck` for what of it may be used. */
  readonly schema: JsonObject;
  readonly defaultValue: JsonValue;
  readonly version: number;
}

/** The settings that every platform has; who runs one adds more by `defineSetting`. */
export const builtInSettings: readonly SettingDefinition[] = [
  {
    key: 'branding',
    description: 'How the tenant looks.',
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        colour: { type: 'string', format: 'colour' },
        logoUrl: { type: ['string', 'null'], format: 'uri', maxLength: 2_000 },
      },
    },
    defaultValue: { colour: '#3a6df0', logoUrl: null },
    version: 1,
  },
  {
    key: 'region',
    description: 'Language and time zone of those who have chosen none.',
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['locale', 'timeZone'],
      properties: {
        locale: { type: 'string', format: 'locale', maxLength: 35 },
        timeZone: { type: 'string', format: 'time-zone', maxLength: 64 },
      },
    },
    defaultValue: { locale: 'en', timeZone: 'UTC' },
    version: 1,
  },
];
