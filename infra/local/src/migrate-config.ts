import { postgresUrlField, secretField } from '@tessera/service/config';
import { z } from 'zod';

/** Whoever has broken into one service does not know the password of another's role. Empty: the common one. */
const ownPasswordField = z.preprocess((value) => (value === '' ? undefined : value), secretField.optional());

export const migrateConfigSchema = z.object({
  /** A role that may create roles and databases. */
  ADMIN_DATABASE_URL: postgresUrlField,
  /** The password that the services' own roles get, but for those that have one of their own. */
  SERVICE_DATABASE_PASSWORD: secretField,
  SERVICE_DATABASE_PASSWORD_AUTH: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_TENANT: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_USER: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_STORAGE: ownPasswordField,
  SERVICE_DATABASE_PASSWORD_ANALYTICS: ownPasswordField,
});
