import { hash as digest } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import { ManifestFault, parseManifest, type OperationManifest } from '@tessera/service/operations';
import { z } from 'zod';

/** As long as what gateways keep of the headers that say it, and nothing that a header could not. */
const labelSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(64)
  .regex(/^[\x20-\x7e]+$/, 'must be what a header can hold');

export const clientVersionSchema = z.object({ clientName: labelSchema, clientVersion: labelSchema });

export const publishManifestSchema = clientVersionSchema.extend({ manifest: z.unknown() });

/**
 * Reads a manifest that one client publishes.
 *
 * @throws AppError `BAD_USER_INPUT` with every reason in `details.fields`
 */
export async function readManifest(content: unknown, clientName: string): Promise<OperationManifest> {
  try {
    const manifest = await parseManifest(content);
    const foreign = manifest.operations.filter((operation) => (operation.clientName ?? clientName) !== clientName);
    if (foreign.length === 0) return manifest;
    throw new ManifestFault(
      foreign.slice(0, 20).map(({ id, clientName: other }) => `operation ${id} is of the client ${other}`),
    );
  } catch (error) {
    if (!(error instanceof ManifestFault)) throw error;
    const fields = error.reasons.map((reason) => ({ field: 'manifest', reason }));
    throw new AppError('BAD_USER_INPUT', error.message, { cause: error, details: { fields } });
  }
}

/** The identity of what a manifest says, however it was written. */
export function digestOf({ operations }: OperationManifest): string {
  const lines = operations.map(({ id, hash }) => `${id} ${hash}`).sort();
  return digest('sha256', lines.join('\n'));
}
