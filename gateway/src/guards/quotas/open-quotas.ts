import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import type { GatewayConfig } from '../../config.js';
import { createAskExhausted } from './ask-exhausted.js';
import { createCallQuotas, type CallQuotas } from './call-quotas.js';
import { followQuotas } from './follow-quotas.js';

export interface OpenQuotasOptions {
  readonly config: GatewayConfig;
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** @returns undefined where no subgraph is named that counts calls */
export function openQuotas({ config, pubSub, logger, lifecycle }: OpenQuotasOptions): CallQuotas | undefined {
  const { EXHAUSTED_QUOTAS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = config;
  if (url === undefined || signingSecret === undefined) return undefined;
  const quotas = createCallQuotas({ freeFields: config.QUOTA_FREE_FIELDS });
  const stop = followQuotas({ pubSub, logger, quotas, ask: createAskExhausted({ url, signingSecret }) });
  lifecycle.defer('quotas', stop);
  return quotas;
}
