import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { authSubgraph } from '@tessera/auth/subgraph';
import type { Subgraph } from '@tessera/service/subgraph';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { userSubgraph } from '@tessera/user/subgraph';
import type { ServiceName } from './ports.js';

export const subgraphs: Readonly<Record<ServiceName, Subgraph>> = {
  auth: authSubgraph,
  tenant: tenantSubgraph,
  user: userSubgraph,
  storage: storageSubgraph,
  analytics: analyticsSubgraph,
};
