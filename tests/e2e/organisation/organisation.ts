import type { DnsServer } from '../../support/dns-server.js';
import { ask, send, type GraphqlResponse } from '../../support/graphql-client.js';
import { createTenant, signIn, signUp, switchTenant, type Person, type PlatformUnderTest } from '../people.js';
import { signUpPlatformAdmin } from '../platform-admin.js';

/** Whose life it is, and who has a part in it. */
export interface Organisation extends PlatformUnderTest {
  readonly nameServer: Pick<DnsServer, 'setText'>;
  readonly tenantId: string;
  /** Founds it, and administers it. */
  readonly founder: Person;
  /** Has an address of its domain. */
  readonly colleague: Person;
  /** Of somebody who runs the platform. */
  readonly platformToken: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
  asFounder(query: string, variables?: object): Promise<GraphqlResponse<any>>;
  /** A mutation of the tenant by somebody of the platform. */
  asPlatform(query: string, input: object): Promise<unknown>;
  /** What the founder was told of one kind, the newest first. */
  toldOf(kind: string): Promise<readonly unknown[]>;
  /** The founder comes in again, in a session of its own. */
  enter(): Promise<string>;
}

/** Founds it. */
export async function foundOrganisation(
  platform: PlatformUnderTest & Pick<Organisation, 'nameServer'>,
): Promise<Organisation> {
  const { origin } = platform;
  const platformToken = await signUpPlatformAdmin(origin);
  const [person, colleague] = [await signUp(origin, 'Fay Founder'), await signUp(origin, 'Cleo Colleague')];
  const { tenantId, ...tokens } = await createTenant(origin, person, 'Orchard');
  const founder = { ...person, ...tokens };
  const enter = async (): Promise<string> => {
    const { accessToken } = await signIn(origin, founder);
    return (await switchTenant(origin, accessToken, tenantId)).accessToken;
  };
  return {
    ...platform,
    tenantId,
    founder,
    colleague,
    platformToken,
    asFounder: (query, variables = {}) => send(origin, { query, variables, token: founder.accessToken }),
    asPlatform: (query, input) =>
      ask(origin, { query, variables: { input: { tenantId, ...input } }, token: platformToken }),
    async toldOf(kind) {
      const query = '{ notifications(first: 50) { nodes { kind data } } }';
      const { notifications } = await ask(origin, { query, token: await enter() });
      const all: readonly { readonly kind: string; readonly data: unknown }[] = notifications.nodes;
      return all.filter((told) => told.kind === kind).map(({ data }) => data);
    },
    enter,
  };
}
