import { AppError } from '@tessera/service/errors';
import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import {
  exportCountsPath,
  exportCountsSchema,
  exportNextHeader,
  exportRowsPath,
  exportTableHeader,
  type Subject,
} from '@tessera/service/personal-data';

const deadlineMs = 30_000;

/** A service that gives out rows, by its name and the base URL where it answers. */
export interface ExportSource {
  readonly name: string;
  readonly url: string;
}

export interface ReceivedPage {
  readonly table: string;
  /** JSON Lines. */
  readonly lines: Buffer;
  readonly rows: number;
  readonly next: string | null;
}

/**
 * Asks a service how many rows a subject has there.
 *
 * @throws Error where it does not say
 */
export async function fetchRowCount(source: ExportSource, principalSecret: string, subject: Subject): Promise<number> {
  const response = await post(source, principalSecret, exportCountsPath, { subject });
  if (!response.ok) {
    await response.body?.cancel();
    throw new AppError('SUBGRAPH_UNAVAILABLE', `Service ${source.name} counts no rows (status ${response.status})`);
  }
  const { tables } = exportCountsSchema.parse(await response.json());
  return Object.values(tables).reduce((sum, count) => sum + count, 0);
}

/** Asks a service for a page of a subject's rows; null where it has none. */
export async function fetchExportPage(
  source: ExportSource,
  principalSecret: string,
  subject: Subject,
  after: string | null,
): Promise<ReceivedPage | null> {
  const { name } = source;
  const response = await post(source, principalSecret, exportRowsPath, { subject, after });
  if (response.status === 204) return null;
  const table = response.headers.get(exportTableHeader);
  // The name becomes a path in the archive, and services of other makers answer too.
  if (!response.ok || table === null || !/^[a-z0-9_]{1,63}$/.test(table)) {
    throw new AppError('SUBGRAPH_UNAVAILABLE', `Service ${name} gives out no rows (status ${response.status})`);
  }
  const lines = Buffer.from(await response.arrayBuffer());
  return { table, lines, rows: countLines(lines), next: response.headers.get(exportNextHeader) };
}

/** Signed for the service, by this one. */
async function post(
  { name, url }: ExportSource,
  principalSecret: string,
  path: string,
  content: object,
): Promise<Response> {
  const body = JSON.stringify(content);
  const signed = { audience: name, method: 'POST', path, body };
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  try {
    return await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signPrincipal(principalSecret, signed, caller, Date.now()) },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch (cause) {
    throw new AppError('SUBGRAPH_UNAVAILABLE', `Service ${name} does not answer`, { cause });
  }
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let index = lines.indexOf(10); index >= 0; index = lines.indexOf(10, index + 1)) count += 1;
  return count;
}
