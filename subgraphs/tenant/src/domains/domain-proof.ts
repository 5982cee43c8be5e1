import { Resolver } from 'node:dns/promises';
import { AppError } from '@tessera/service/errors';

/** Whether a domain's TXT record has a token. @throws AppError `SUBGRAPH_UNAVAILABLE` where no name server answers */
export type HasProof = (domain: string, token: string) => Promise<boolean>;

/** Where the record stands: beside what the domain has for other purposes. */
export const recordNameOf = (domain: string): string => `_tessera-challenge.${domain}`;
export const recordValueOf = (token: string): string => `tessera-domain-verification=${token}`;

const timeoutMs = 2_000;
const tries = 2;
/** Answers of a name server that knows: there is no such record. */
const absent = new Set(['ENODATA', 'ENOTFOUND']);

/** @param servers `address` or `address:port` of name servers; those of the machine without any */
export function createDomainProof(servers: readonly string[]): HasProof {
  return async (domain, token) => {
    const resolver = new Resolver({ timeout: timeoutMs, tries });
    if (servers.length > 0) resolver.setServers([...servers]);
    try {
      const records = await resolver.resolveTxt(recordNameOf(domain));
      return records.some((parts) => parts.join('').trim() === recordValueOf(token));
    } catch (error) {
      if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw new AppError('SUBGRAPH_UNAVAILABLE', `The name servers of ${domain} cannot be asked`, { cause: error });
    }
  };
}
