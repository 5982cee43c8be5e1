export { isPolicyNetwork, NetworkLists } from './networks.js';
export {
  hasRules,
  noSecurityPolicy,
  securityPolicyEventType,
  securityPolicySchema,
  signInWaySchema,
  type SecurityPolicy,
} from './policy.js';
export {
  addressRefusal,
  sessionRefusal,
  tokenSecondsWithin,
  type PolicyReason,
  type SessionProof,
} from './refusals.js';
