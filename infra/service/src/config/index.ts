export { booleanField, countField, millisecondsField, portField, secretField, urlField } from './fields.js';
export { ConfigError, loadConfig, type Environment } from './load-config.js';
export { serviceFields, subgraphFields } from './service-fields.js';
