import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportNextHeader, exportRowsPath, exportTableHeader } from '@tessera/service/personal-data';

/** A page of rows: JSON Lines of the table `thing`, and where the next begins. */
export interface Page {
  readonly lines: string;
  readonly next?: string;
}

/** A service of another maker that gives out rows with exports, and counts none. */
export interface RowSource {
  readonly url: string;
  /** From now on says what a page of a subject is; undefined: nothing; where it rejects, the service fails. */
  answerWith(subjectId: string, page: (after: string | null) => Promise<Page | undefined>): void;
  stop(): Promise<void>;
}

export async function startRowSource(): Promise<RowSource> {
  const pages = new Map<string, (after: string | null) => Promise<Page | undefined>>();
  const read = async (request: IncomingMessage): Promise<Page | undefined> => {
    const { subject, after } = JSON.parse(await text(request));
    return pages.get(subject.id)?.(after);
  };
  const server = createServer((request, response) => {
    if (request.url !== exportRowsPath) {
      response.writeHead(404).end();
      return;
    }
    read(request).then(
      (page) => {
        if (page === undefined) return response.writeHead(204).end();
        const next = page.next === undefined ? {} : { [exportNextHeader]: page.next };
        return response.writeHead(200, { [exportTableHeader]: 'thing', ...next }).end(page.lines);
      },
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answerWith: (subjectId, page) => void pages.set(subjectId, page),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
