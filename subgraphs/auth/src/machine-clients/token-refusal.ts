/** Why a token request is refused (RFC 6749, 5.2). */
export type TokenRefusalCode = 'invalid_request' | 'invalid_client' | 'invalid_scope' | 'unsupported_grant_type';

/** A token request that is refused; its message is for the client's developer. */
export class TokenRefusal extends Error {
  constructor(
    readonly code: TokenRefusalCode,
    message: string,
  ) {
    super(message);
    this.name = 'TokenRefusal';
  }
}
