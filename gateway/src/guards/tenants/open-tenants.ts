import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import type { GatewayConfig } from '../../config.js';
import { createAskTenant } from './ask-tenant.js';
import { followTenantChanges } from './follow-changes.js';
import { createPolicyEnforcement, type PolicyEnforcement } from './enforce-policies.js';
import { LiveServices } from './live-services.js';
import { createPolicyGuard, type PolicyGuard } from './policy-guard.js';
import { createTenantDirectory, type TenantDirectory } from './tenant-directory.js';

export interface OpenTenantsOptions {
  readonly config: GatewayConfig;
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** What a gateway knows of tenants, and what it holds open for them. */
export interface Tenants {
  readonly directory: TenantDirectory;
  readonly live: LiveServices;
  readonly policyGuard: PolicyGuard;
  readonly policies: PolicyEnforcement;
}

/** @returns undefined where no subgraph is named that knows tenants */
export function openTenants({ config, pubSub, logger, lifecycle }: OpenTenantsOptions): Tenants | undefined {
  const { TENANT_PLANS_URL: url, TENANT_PLANS_TIMEOUT_MS: timeoutMs, PRINCIPAL_SECRET: [signingSecret] = [] } = config;
  if (url === undefined || signingSecret === undefined) return undefined;
  const directory = createTenantDirectory({ ask: createAskTenant({ url, signingSecret, timeoutMs }), logger });
  const live = new LiveServices(directory);
  const stop = followTenantChanges({
    pubSub,
    logger,
    onChanged(tenantId) {
      directory.changed(tenantId);
      void live.recheck(tenantId);
    },
    onHeard() {
      directory.allChanged();
      void live.recheckAll();
    },
    onUnheard() {
      directory.mayHaveChanged();
      void live.recheckAll();
    },
  });
  lifecycle.defer('tenant changes', stop);
  const policyGuard = createPolicyGuard(directory);
  return { directory, live, policyGuard, policies: createPolicyEnforcement(policyGuard) };
}
