import { Migration0001Tenants } from './0001-tenants.js';
import { Migration0002Roles } from './0002-roles.js';
import { Migration0003DisabledServices } from './0003-disabled-services.js';
import { Migration0004BoundInvitations } from './0004-bound-invitations.js';
import { Migration0005SlugHistory } from './0005-slug-history.js';
import { Migration0006PlanTerms } from './0006-plan-terms.js';
import { Migration0007SettingDocuments } from './0007-setting-documents.js';
import { Migration0008EmailDomains } from './0008-email-domains.js';
import { Migration0009AnnouncedLimits } from './0009-announced-limits.js';
import { Migration0010Payments } from './0010-payments.js';
import { Migration0011Subjects } from './0011-subjects.js';
import { Migration0012Erasures } from './0012-erasures.js';
import { Migration0013BillingDeliveries } from './0013-billing-deliveries.js';
import { Migration0014MemberStatus } from './0014-member-status.js';
import { Migration0015RecentWrites } from './0015-recent-writes.js';
import { Migration0016Invitees } from './0016-invitees.js';
import { Migration0017SecurityPolicies } from './0017-security-policies.js';
import { Migration0018Groups } from './0018-groups.js';
import { Migration0019OpenInvitations } from './0019-open-invitations.js';
import { Migration0020AnnouncedPolicies } from './0020-announced-policies.js';

/** Those of tenant, in the order in which they are run. */
export const tenantMigrations = [
  { name: '0001-tenants', class: Migration0001Tenants },
  { name: '0002-roles', class: Migration0002Roles },
  { name: '0003-disabled-services', class: Migration0003DisabledServices },
  { name: '0004-bound-invitations', class: Migration0004BoundInvitations },
  { name: '0005-slug-history', class: Migration0005SlugHistory },
  { name: '0006-plan-terms', class: Migration0006PlanTerms },
  { name: '0007-setting-documents', class: Migration0007SettingDocuments },
  { name: '0008-email-domains', class: Migration0008EmailDomains },
  { name: '0009-announced-limits', class: Migration0009AnnouncedLimits },
  { name: '0010-payments', class: Migration0010Payments },
  { name: '0011-subjects', class: Migration0011Subjects },
  { name: '0012-erasures', class: Migration0012Erasures },
  { name: '0013-billing-deliveries', class: Migration0013BillingDeliveries },
  { name: '0014-member-status', class: Migration0014MemberStatus },
  { name: '0015-recent-writes', class: Migration0015RecentWrites },
  { name: '0016-invitees', class: Migration0016Invitees },
  { name: '0017-security-policies', class: Migration0017SecurityPolicies },
  { name: '0018-groups', class: Migration0018Groups },
  { name: '0019-open-invitations', class: Migration0019OpenInvitations },
  { name: '0020-announced-policies', class: Migration0020AnnouncedPolicies },
];
