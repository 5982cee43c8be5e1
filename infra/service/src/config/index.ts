export {
  booleanField,
  countField,
  databaseUrlField,
  millisecondsField,
  portField,
  postgresUrlField,
  secretField,
  urlField,
} from './fields.js';
export { ConfigError, loadConfig, type Environment } from './load-config.js';
export { serviceFields, subgraphFields } from './service-fields.js';
