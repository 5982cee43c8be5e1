import { parseArgs } from 'node:util';
import { ConfigError } from '@tessera/service/config';
import { runProcess } from '@tessera/service/lifecycle';
import { createLogger } from '@tessera/service/logging';
import { loadGatewayConfig } from './config.js';
import { createGateway } from './gateway.js';
import { createFileSource } from './planning/supergraph-source.js';

const { values } = parseArgs({ options: { supergraph: { type: 'string' }, port: { type: 'string' } } });

await runProcess(async () => {
  const config = loadGatewayConfig({
    ...process.env,
    ...(values.supergraph === undefined ? {} : { SUPERGRAPH_PATH: values.supergraph }),
    ...(values.port === undefined ? {} : { PORT: values.port }),
  });
  const supergraphSource = createFileSource(config.SUPERGRAPH_PATH);
  const supergraphSdl = await supergraphSource.read().catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`SUPERGRAPH_PATH: the file ${config.SUPERGRAPH_PATH} cannot be read (${error.code})`]);
  });
  return createGateway({
    config,
    supergraphSdl,
    supergraphSource,
    logger: createLogger({ service: 'gateway', level: config.LOG_LEVEL }),
  });
});
