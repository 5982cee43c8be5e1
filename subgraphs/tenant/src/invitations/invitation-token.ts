import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@tessera/service/errors';

const macBytes = 32;

function macOf(secret: string, invitationId: string): Buffer {
  return createHmac('sha256', secret).update(`invitation:${invitationId}`).digest();
}

/** The token of an invitation link: the invitation's id and a proof that we made it. Nothing of it is stored. */
export function createInvitationToken(secret: string, invitationId: string): string {
  const id = Buffer.from(invitationId.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, macOf(secret, invitationId)]).toString('base64url');
}

/**
 * @param secrets any of them may have made the token
 * @throws AppError `NOT_FOUND` for a token that we did not make, in the words used for one that has ended
 */
export function readInvitationToken(secrets: readonly string[], token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length === 16 + macBytes) {
    const invitationId = formatUuid(bytes.subarray(0, 16).toString('hex'));
    const mac = bytes.subarray(16);
    if (secrets.some((secret) => timingSafeEqual(mac, macOf(secret, invitationId)))) return invitationId;
  }
  throw invitationNotFound();
}

export function invitationNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Invitation was not found: it may have expired, been revoked or been accepted');
}

function formatUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
