import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Pool } from 'undici';

/** Child process: parses each request, forwards it and answers as it was answered. Arguments: the URL, the port. */
const [, , target = '', port = ''] = process.argv;
const { origin, pathname } = new URL(target);
const pool = new Pool(origin, { connections: 100 });
const headers = { 'content-type': 'application/json', accept: 'application/json' };

const server = createServer((request, response) => {
  void (async () => {
    const { query, variables } = JSON.parse(await text(request)) as { query: string; variables?: object };
    const body = JSON.stringify({ query, variables });
    const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
    const answerText = await answer.body.text();
    response.writeHead(answer.statusCode, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(answerText),
    });
    response.end(answerText);
  })();
});
server.listen(Number(port), '127.0.0.1');
