import { AppError } from '@tessera/service/errors';
import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import { exportNextHeader, exportRowsPath, exportTableHeader, type Subject } from '@tessera/service/personal-data';

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

/** Asks a service for a page of a subject's rows; null where it has none. */
export async function fetchExportPage(
  { name, url }: ExportSource,
  principalSecret: string,
  subject: Subject,
  after: string | null,
): Promise<ReceivedPage | null> {
  const body = JSON.stringify({ subject, after });
  const signed = { audience: name, method: 'POST', path: exportRowsPath, body };
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  const response = await fetch(new URL(exportRowsPath, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signPrincipal(principalSecret, signed, caller, Date.now()) },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(deadlineMs),
  });
  if (response.status === 204) return null;
  const table = response.headers.get(exportTableHeader);
  // The name becomes a path in the archive, and services of other makers answer too.
  if (!response.ok || table === null || !/^[a-z0-9_]{1,63}$/.test(table)) {
    throw new AppError('SUBGRAPH_UNAVAILABLE', `Service ${name} gives out no rows (status ${response.status})`);
  }
  const lines = Buffer.from(await response.arrayBuffer());
  return { table, lines, rows: countLines(lines), next: response.headers.get(exportNextHeader) };
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let index = lines.indexOf(10); index >= 0; index = lines.indexOf(10, index + 1)) count += 1;
  return count;
}
