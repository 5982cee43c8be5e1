export {
  booleanField,
  countField,
  databaseUrlField,
  millisecondsField,
  portField,
  postgresUrlField,
  secretField,
  secretsField,
  urlField,
} from './fields.js';
export { ConfigError, loadConfig, type Environment } from './load-config.js';
export { secretsOf, type Secrets } from './secrets.js';
export { serviceFields, subgraphFields } from './service-fields.js';
