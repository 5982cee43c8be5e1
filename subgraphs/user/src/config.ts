import { portField, subgraphFields } from '@tessera/service/config';
import { z } from 'zod';

export const userConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4003),
});

export type UserConfig = z.infer<typeof userConfigSchema>;
