import { z } from 'zod';
import { urlField } from './fields.js';

/** `name=value` pairs, separated by commas, values percent-encoded (OpenTelemetry's OTLP exporter specification). */
const headersField = z.string().transform((text, context) => {
  const headers: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const separator = pair.indexOf('=');
    const value = decode(pair.slice(separator + 1).trim());
    if (separator < 1 || value === undefined) {
      context.addIssue({ code: 'custom', message: 'must be name=value pairs, separated by commas' });
      return z.NEVER;
    }
    headers[pair.slice(0, separator).trim()] = value;
  }
  return headers;
});

/** OpenTelemetry's own names, so that one environment serves all services of a cluster. Off without an endpoint. */
export const tracingFields = {
  /** Base URL of an OTLP/HTTP collector, without `/v1/traces`. */
  OTEL_EXPORTER_OTLP_ENDPOINT: urlField.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headersField.optional(),
  /** Share of the traces that begin here to keep, 0 to 1; what a caller decided is followed. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
};

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
