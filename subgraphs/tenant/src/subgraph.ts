import 'reflect-metadata';
import { servicePrincipal } from '@tessera/service/identity';
import { createMailer } from '@tessera/service/mail';
import { tenantChangesChannel } from '@tessera/service/identity';
import { defineSubgraph, dispatchEvents } from '@tessera/service/subgraph';
import { DataScope } from '@tessera/service/tenancy';
import { BillingDeliveryEntity } from './billing/billing-delivery.entity.js';
import { BillingDeliveryResolver } from './billing/billing-delivery.resolver.js';
import { BillingDeliveryService } from './billing/billing-delivery.service.js';
import { openBilling } from './billing/open-billing.js';
import { tenantConfigSchema } from './config.js';
import type { TenantContext } from './context.js';
import { DomainJoinService } from './domains/domain-join.service.js';
import { createDomainProof } from './domains/domain-proof.js';
import { DomainResolver } from './domains/domain.resolver.js';
import { DomainService } from './domains/domain.service.js';
import { EmailDomainEntity } from './domains/email-domain.entity.js';
import { recheckDomains } from './domains/recheck-domains.js';
import { EnabledServicesResolver } from './enabled-services/enabled-services.resolver.js';
import { EnabledServicesService } from './enabled-services/enabled-services.service.js';
import { ServiceCatalogue } from './enabled-services/service-catalogue.js';
import { beginErasures, planErasures } from './erasure/begin-erasures.js';
import { certifyErasures } from './erasure/certify-erasures.js';
import { ErasureEntity, ErasureReportEntity } from './erasure/erasure.entity.js';
import { ErasureResolver } from './erasure/erasure.resolver.js';
import { ErasureService } from './erasure/erasure.service.js';
import { LastAdministrators } from './erasure/last-administrators.js';
import { announceTenantChanges } from './events/announce-changes.js';
import { GroupMemberService } from './groups/group-member.service.js';
import { createGroupMembersLoader } from './groups/group-member.loader.js';
import { GroupEntity } from './groups/group.entity.js';
import { GroupMemberResolver, GroupResolver } from './groups/group.resolver.js';
import { GroupService } from './groups/group.service.js';
import { createMemberRightsLoader } from './groups/member-rights.loader.js';
import { enqueueInvitationMail, sendInvitationMails } from './invitations/invitation-mail.js';
import { AcceptanceService } from './invitations/acceptance.service.js';
import { InvitationEntity } from './invitations/invitation.entity.js';
import { InvitationResolver } from './invitations/invitation.resolver.js';
import { InvitationService } from './invitations/invitation.service.js';
import { JoinableTenantResolver } from './joining/joinable-tenant.resolver.js';
import { JoinableTenantService } from './joining/joinable-tenant.service.js';
import { LegalHoldEntity } from './legal-holds/legal-hold.entity.js';
import { LegalHoldResolver } from './legal-holds/legal-hold.resolver.js';
import { LegalHoldService } from './legal-holds/legal-hold.service.js';
import { MembershipEntity } from './members/membership.entity.js';
import { createMembershipsByUserLoader } from './members/membership.loader.js';
import { MembershipResolver, UserMembershipsResolver } from './members/membership.resolver.js';
import { MemberService } from './members/member.service.js';
import { MemberStatusResolver } from './members/member-status.resolver.js';
import { MemberStatusService } from './members/member-status.service.js';
import { tenantData } from './personal-data.js';
import { tenantMigrations } from './migrations/all.js';
import { openPayments } from './payments/open-payments.js';
import { PaymentEntity } from './payments/payment.entity.js';
import { PaymentResolver } from './payments/payment.resolver.js';
import { announceStaleLimits } from './plans/announce-stale-limits.js';
import { loadPlanCatalogue } from './plans/plan-catalogue.js';
import { PlanResolver } from './plans/plan.resolver.js';
import { applyRedeemedKeys, endPlanTerms } from './plans/plan-terms.js';
import { PlanService } from './plans/plan.service.js';
import { AccountClient } from './references/account-client.js';
import { toUserType } from './references/user.type.js';
import { RoleEntity } from './roles/role.entity.js';
import { RoleResolver } from './roles/role.resolver.js';
import { RoleService } from './roles/role.service.js';
import { SecurityPolicyEntity } from './security-policy/security-policy.entity.js';
import { createSecurityPolicyLoader } from './security-policy/security-policy.loader.js';
import { SecurityPolicyResolver } from './security-policy/security-policy.resolver.js';
import { SecurityPolicyService } from './security-policy/security-policy.service.js';
import { SettingDefinitions } from './settings/setting-definitions.js';
import { SettingResolver } from './settings/setting.resolver.js';
import { SettingService } from './settings/setting.service.js';
import { RenameResolver } from './slugs/rename.resolver.js';
import { RenameService } from './slugs/rename.service.js';
import { TenantEntity } from './tenants/tenant.entity.js';
import { TenantDirectoryResolver } from './tenants/tenant-directory.resolver.js';
import { TenantDirectoryService } from './tenants/tenant-directory.service.js';
import { createTenantLoader } from './tenants/tenant.loader.js';
import { TenantStatusResolver } from './tenants/tenant-status.resolver.js';
import { TenantStatusService } from './tenants/tenant-status.service.js';
import { TenantResolver } from './tenants/tenant.resolver.js';
import { TenantService } from './tenants/tenant.service.js';
import { toTenantType } from './tenants/tenant.type.js';

export const tenantSubgraph = defineSubgraph({
  name: 'tenant',
  personalData: tenantData,
  configSchema: tenantConfigSchema,
  entities: [
    TenantEntity,
    MembershipEntity,
    InvitationEntity,
    RoleEntity,
    EmailDomainEntity,
    PaymentEntity,
    ErasureEntity,
    ErasureReportEntity,
    LegalHoldEntity,
    BillingDeliveryEntity,
    SecurityPolicyEntity,
    GroupEntity,
  ],
  migrations: tenantMigrations,
  resolvers: [
    TenantResolver,
    MembershipResolver,
    MemberStatusResolver,
    UserMembershipsResolver,
    InvitationResolver,
    JoinableTenantResolver,
    TenantDirectoryResolver,
    RoleResolver,
    TenantStatusResolver,
    PlanResolver,
    EnabledServicesResolver,
    RenameResolver,
    SettingResolver,
    DomainResolver,
    PaymentResolver,
    ErasureResolver,
    LegalHoldResolver,
    BillingDeliveryResolver,
    SecurityPolicyResolver,
    GroupResolver,
    GroupMemberResolver,
  ],
  references: {
    Tenant: async ({ id }, { loaders }: TenantContext) => {
      const tenant = await loaders.tenantById.load(String(id));
      return tenant === null ? null : toTenantType(tenant);
    },
    User: async ({ id }) => toUserType(String(id)),
  },
  assemble: ({ config, orm, serviceScope, jobs, lifecycle, logger, pubSub }) => {
    const mailer = createMailer({ url: config.MAIL_URL, from: config.MAIL_FROM, logger, lifecycle });
    const plans = loadPlanCatalogue(config.PLANS_PATH);
    const catalogue = new ServiceCatalogue(config.SWITCHABLE_SERVICES);
    const members = new MemberService(plans);
    const {
      AUTH_SUBGRAPH_URL: url,
      PRINCIPAL_SECRET: [principalSecret],
    } = config;
    const accounts = url === undefined ? undefined : new AccountClient({ url, principalSecret });
    const lastAdministrators = new LastAdministrators((principal) => new DataScope(orm, principal));
    const hasProof = createDomainProof(config.DNS_SERVERS);
    const billing = openBilling({ config, jobs, lifecycle, serviceScope });
    const paying = openPayments({ config, jobs, serviceScope, plans });
    const services = {
      payments: paying.payments,
      billingDeliveries: new BillingDeliveryService(() => serviceScope()),
      members,
      memberStatus: new MemberStatusService(plans),
      roles: new RoleService(),
      groups: new GroupService(plans),
      groupMembers: new GroupMemberService(),
      tenantStatus: new TenantStatusService(serviceScope),
      tenantDirectory: new TenantDirectoryService(() => serviceScope()),
      joinableTenants: new JoinableTenantService({ secret: config.INVITATION_SECRET[0], serviceScope, accounts }),
      tenants: new TenantService({
        openScope: (tenantId, userId) => new DataScope(orm, { ...servicePrincipal(tenantId), userId }),
        members,
        plans,
        catalogue,
        slugTermDays: config.SLUG_TERM_DAYS,
        maxTenantsPerPerson: config.MAX_TENANTS_PER_PERSON,
      }),
      renames: new RenameService(serviceScope, config.SLUG_TERM_DAYS),
      settings: new SettingService(new SettingDefinitions(serviceScope)),
      domains: new DomainService({ plans, hasProof }),
      domainJoins: new DomainJoinService({ members, serviceScope, accounts }),
      plans: new PlanService(serviceScope, plans),
      enabledServices: new EnabledServicesService(serviceScope, catalogue),
      legalHolds: new LegalHoldService(serviceScope),
      securityPolicies: new SecurityPolicyService({
        serviceScope,
        accounts,
        tellGateways: (tenantId) => pubSub.publish(tenantChangesChannel, { tenantId }),
      }),
      erasures: new ErasureService({
        serviceScope,
        accounts,
        lastAdministrators,
        graceHours: config.ERASURE_GRACE_HOURS,
        planBeginning: planErasures(jobs),
      }),
      invitations: new InvitationService({ plans, enqueueMail: enqueueInvitationMail(jobs) }),
      acceptance: new AcceptanceService({
        secrets: config.INVITATION_SECRET,
        members,
        serviceScope,
        accounts,
        mustBeVerified: config.INVITATIONS_NEED_VERIFIED_EMAIL,
      }),
    };
    return {
      events: dispatchEvents([
        announceTenantChanges(pubSub),
        applyRedeemedKeys(plans),
        certifyErasures(),
        ...billing.events,
      ]),
      addRoutes: (server) => paying.addRoutes(server),
      registerJobs: async () => {
        await paying.registerJobs();
        await billing.registerJobs();
        const {
          INVITATION_SECRET: [secret],
          APP_URL: appUrl,
          PLATFORM_NAME: platformName,
        } = config;
        const { settings } = services;
        await sendInvitationMails(jobs, { mailer, secret, appUrl, platformName, serviceScope, settings });
        await endPlanTerms(jobs, { serviceScope, plans, logger });
        await announceStaleLimits(jobs, { serviceScope, plans, logger });
        const subgraphs = config.ERASURE_SUBGRAPHS;
        await beginErasures(jobs, { serviceScope, lastAdministrators, subgraphs, logger });
        await recheckDomains(jobs, { serviceScope, hasProof, logger });
      },
      createContext: (base) => ({
        ...base,
        services,
        loaders: {
          rightsByMember: createMemberRightsLoader(base.scope),
          groupMembers: createGroupMembersLoader(base.scope),
          securityPolicyByTenant: createSecurityPolicyLoader(base.scope),
          tenantById: createTenantLoader(base.scope),
          membershipsByUser: createMembershipsByUserLoader(base.scope),
        },
      }),
    };
  },
});
