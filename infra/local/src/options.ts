import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartError } from '@tessera/service/errors';

/** What the command line of `npm start` says. */
export interface LocalOptions {
  /** The gateway's port; the subgraphs take those after it. 0: any free ones. */
  readonly port: number;
  /** How clients reach this machine. Beyond `localhost`, gateway and files listen on all of its addresses. */
  readonly host: string;
  readonly dataDirectory: string;
  readonly withDemo: boolean;
}

export const usage = `npm start -- [--port 4000] [--host localhost] [--data-dir .data] [--no-demo]

  --port      the gateway's port; the subgraphs take those after it
  --host      this machine's name or address for others on its network, such as a phone: they all may come in
  --data-dir  where the database, files, mails and secrets are kept
  --no-demo   start empty, without the demo tenant
`;

/** @throws StartError for an option that does not exist or has no sense */
export function parseLocalOptions(commandLine: readonly string[], workingDirectory: string): LocalOptions {
  const { port, host, 'data-dir': dataDirectory, 'no-demo': withoutDemo } = parse(commandLine);
  const portNumber = Number(port);
  if (!Number.isInteger(portNumber) || portNumber < 0 || portNumber > 65_530) {
    throw new StartError(`--port takes a number from 0 to 65530\n\n${usage}`);
  }
  if (URL.parse(`http://${host}`)?.host !== host.toLowerCase()) {
    throw new StartError(`--host takes a name or an address, such as 192.168.1.20\n\n${usage}`);
  }
  return { port: portNumber, host, dataDirectory: resolve(workingDirectory, dataDirectory), withDemo: !withoutDemo };
}

function parse(commandLine: readonly string[]) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: {
        port: { type: 'string', default: '4000' },
        host: { type: 'string', default: 'localhost' },
        'data-dir': { type: 'string', default: '.data' },
        'no-demo': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}
