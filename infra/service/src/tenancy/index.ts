export { keyRedeemedEventType, keyRedeemedSchema, type KeyRedeemed } from './activation.js';
export type { Caller } from './caller.js';
export { DataScope, type Replication } from './data-scope.js';
export {
  applyMemberEvent,
  deactivatedMembersSql,
  isMemberEvent,
  memberDirectorySql,
  memberEventSchema,
  memberEventTypes,
  roleChangedEventType,
  roleChangedSchema,
  type MemberEventType,
} from './member-directory.js';
export { beyondRole, memberRightsEventType, memberRightsSchema, type MemberRights } from './member-rights.js';
export {
  tenantPlanEventType,
  tenantPlanSchema,
  tenantServicesEventType,
  tenantStatusEventType,
  tenantStatusSchema,
} from './tenant-status.js';
export {
  createPolicy,
  enableRowSecurity,
  isOwnTenant,
  isOwnUser,
  isService,
  tenantOwned,
  type RowPolicy,
} from './policies.js';
