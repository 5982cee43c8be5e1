import type { SubgraphContext } from '@tessera/service/subgraph';
import type { BillingDeliveryService } from './billing/billing-delivery.service.js';
import type { DomainJoinService } from './domains/domain-join.service.js';
import type { DomainService } from './domains/domain.service.js';
import type { EnabledServicesService } from './enabled-services/enabled-services.service.js';
import type { ErasureService } from './erasure/erasure.service.js';
import type { createGroupMembersLoader } from './groups/group-member.loader.js';
import type { GroupMemberService } from './groups/group-member.service.js';
import type { GroupService } from './groups/group.service.js';
import type { createMemberRightsLoader } from './groups/member-rights.loader.js';
import type { AcceptanceService } from './invitations/acceptance.service.js';
import type { InvitationService } from './invitations/invitation.service.js';
import type { LegalHoldService } from './legal-holds/legal-hold.service.js';
import type { MemberService } from './members/member.service.js';
import type { MemberStatusService } from './members/member-status.service.js';
import type { createMembershipsByUserLoader } from './members/membership.loader.js';
import type { PaymentService } from './payments/payment.service.js';
import type { PlanService } from './plans/plan.service.js';
import type { RoleService } from './roles/role.service.js';
import type { createSecurityPolicyLoader } from './security-policy/security-policy.loader.js';
import type { SecurityPolicyService } from './security-policy/security-policy.service.js';
import type { SettingService } from './settings/setting.service.js';
import type { RenameService } from './slugs/rename.service.js';
import type { createTenantLoader } from './tenants/tenant.loader.js';
import type { TenantStatusService } from './tenants/tenant-status.service.js';
import type { TenantService } from './tenants/tenant.service.js';

export interface TenantContext extends SubgraphContext {
  readonly services: {
    readonly tenants: TenantService;
    readonly members: MemberService;
    readonly memberStatus: MemberStatusService;
    readonly invitations: InvitationService;
    readonly acceptance: AcceptanceService;
    readonly roles: RoleService;
    readonly groups: GroupService;
    readonly groupMembers: GroupMemberService;
    readonly tenantStatus: TenantStatusService;
    readonly renames: RenameService;
    readonly settings: SettingService;
    readonly domains: DomainService;
    readonly domainJoins: DomainJoinService;
    readonly plans: PlanService;
    readonly payments: PaymentService;
    readonly billingDeliveries: BillingDeliveryService;
    readonly enabledServices: EnabledServicesService;
    readonly erasures: ErasureService;
    readonly legalHolds: LegalHoldService;
    readonly securityPolicies: SecurityPolicyService;
  };
  readonly loaders: {
    readonly rightsByMember: ReturnType<typeof createMemberRightsLoader>;
    readonly groupMembers: ReturnType<typeof createGroupMembersLoader>;
    readonly securityPolicyByTenant: ReturnType<typeof createSecurityPolicyLoader>;
    readonly tenantById: ReturnType<typeof createTenantLoader>;
    readonly membershipsByUser: ReturnType<typeof createMembershipsByUserLoader>;
  };
}
