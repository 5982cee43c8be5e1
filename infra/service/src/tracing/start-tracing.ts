import type { Logger } from '../logging/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import { traceRedisCommands } from './trace-redis.js';
import { Tracing } from './tracing.js';

export interface TracingConfig {
  /** Base URL of an OTLP/HTTP collector, without `/v1/traces`. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  /** `name=value` pairs, separated by commas, sent with every export. */
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>> | undefined;
  /** Share of the traces that begin here to keep, 0 to 1; a caller's decision is followed. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

export interface StartTracingOptions {
  readonly service: string;
  readonly config: TracingConfig;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
}

const exportTimeoutMs = 5_000;
const exportIntervalMs = 1_000;
/** What waits for a collector that is down; more is dropped, for traces are worth less than memory. */
const maxQueuedSpans = 4_096;

/**
 * Begins to send spans to an OTLP collector in the background, in batches. A collector that is slow or down costs nothing
 * but its spans. The SDK is loaded only where it is used.
 *
 * @returns `undefined` without an endpoint: then nothing is traced and nothing is paid
 */
export async function startTracing(options: StartTracingOptions): Promise<Tracing | undefined> {
  const { service, config, logger, lifecycle } = options;
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return undefined;
  const [sdk, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
    headers: { ...config.OTEL_EXPORTER_OTLP_HEADERS },
  });
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'tessera' }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter,
        maxQueueSize: maxQueuedSpans,
        exportTimeoutMillis: exportTimeoutMs,
        scheduledDelayMillis: exportIntervalMs,
      }),
    ],
  });
  lifecycle.defer('tracing', () =>
    provider.shutdown().catch((error: unknown) => logger.warn({ err: error }, 'the last spans could not be exported')),
  );
  lifecycle.defer('tracing of redis', traceRedisCommands());
  logger.info({ endpoint, sampled: config.OTEL_TRACES_SAMPLER_ARG }, 'spans go to a collector');
  return new Tracing(provider.getTracer('tessera'));
}
