/** Who asks for passkeys (WebAuthn: the relying party). */
export interface RelyingParty {
  /** Shown by authenticators. */
  readonly name: string;
  /** The domain that passkeys belong to. */
  readonly id: string;
  /** Where pages may ask from. */
  readonly origins: readonly string[];
}

export interface RelyingPartySettings {
  readonly PLATFORM_NAME: string;
  readonly APP_URL: string;
  readonly WEBAUTHN_RP_ID?: string | undefined;
  readonly WEBAUTHN_ORIGINS?: readonly string[] | undefined;
}

/** By default the front end's own origin and host. */
export function relyingPartyOf(settings: RelyingPartySettings): RelyingParty {
  const { PLATFORM_NAME: name, APP_URL, WEBAUTHN_RP_ID, WEBAUTHN_ORIGINS } = settings;
  const { hostname, origin } = new URL(APP_URL);
  return { name, id: WEBAUTHN_RP_ID ?? hostname, origins: WEBAUTHN_ORIGINS ?? [origin] };
}

/** What an authenticator keeps as the person's name in the system: the id, as bytes, and nothing that tells who it is. */
export const userHandleOf = (userId: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex'));
