export {
  booleanField,
  countField,
  millisecondsField,
  portField,
  secretField,
  serviceFields,
  subgraphFields,
  urlField,
} from './fields.js';
export { ConfigError, loadConfig, type Environment } from './load-config.js';
