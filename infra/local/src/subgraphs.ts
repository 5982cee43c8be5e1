import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { authSubgraph } from '@tessera/auth/subgraph';
import type { Subgraph } from '@tessera/service/subgraph';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { userSubgraph } from '@tessera/user/subgraph';

/** Every subgraph of this repository, in the order of their ports: what is run, migrated, printed and tested is this list. */
const all = [authSubgraph, tenantSubgraph, userSubgraph, storageSubgraph, analyticsSubgraph] as const;

export type ServiceName = (typeof all)[number]['name'];

export const serviceNames: readonly ServiceName[] = all.map(({ name }) => name);

export const subgraphs = Object.fromEntries(all.map((subgraph) => [subgraph.name, subgraph])) as Readonly<
  Record<ServiceName, Subgraph>
>;
