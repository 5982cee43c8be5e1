import cluster from 'node:cluster';
import { parseArgs } from 'node:util';
import { ConfigError } from '@tessera/service/config';
import { runProcess, type Running } from '@tessera/service/lifecycle';
import { createLogger } from '@tessera/service/logging';
import { keepsValues } from './config-caching.js';
import { readConfigFile } from './config-file.js';
import { gatewayConfigSchema, loadGatewayConfig, type GatewayConfig } from './config.js';
import { createGateway } from './gateway.js';
import { createFileSource } from './planning/supergraph-source.js';
import { startWorkers, stopMessage } from './workers.js';

const usage =
  'npm run gateway -- [--supergraph FILE] [--operations FILE|FOLDER] [--port N] [--workers N] [--config FILE]';

await runProcess(async () => {
  const values = parseCommandLine();
  const config = loadGatewayConfig({
    ...(values.config === undefined ? {} : await readConfigFile(values.config, Object.keys(gatewayConfigSchema.shape))),
    ...process.env,
    ...(values.supergraph === undefined ? {} : { SUPERGRAPH_PATH: values.supergraph }),
    ...(values.operations === undefined ? {} : { OPERATION_MANIFESTS_PATH: values.operations }),
    ...(values.port === undefined ? {} : { PORT: values.port }),
  });
  const count = Number(values.workers);
  if (!Number.isInteger(count) || count < 1) throw new ConfigError(['--workers: must be a number of processes']);
  if (count === 1) return start(config);
  if (config.REDIS_URL === undefined && keepsValues(config)) {
    throw new ConfigError(['REDIS_URL: several workers that cache need it, to hear of each other']);
  }
  if (cluster.isPrimary) {
    const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL });
    return await startWorkers({ count, logger, internalPort: config.INTERNAL_PORT });
  }
  const gateway = await start(config);
  process.on('message', (message) => {
    if (message === stopMessage) void gateway.stop().then(() => process.exit(0));
  });
  return gateway;
});

function parseCommandLine() {
  try {
    return parseArgs({
      options: {
        supergraph: { type: 'string' },
        operations: { type: 'string' },
        port: { type: 'string' },
        workers: { type: 'string', default: '1' },
        config: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new ConfigError([`${(error as Error).message}\n    ${usage}`]);
  }
}

async function start(config: GatewayConfig): Promise<Running> {
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
}
