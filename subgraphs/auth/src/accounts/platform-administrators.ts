/** Of an account, what decides whether its person runs the platform. */
export interface AdministratorAccount {
  readonly email: string;
  readonly isEmailVerified: boolean;
}

export interface PlatformAdministratorsOptions {
  readonly emails: ReadonlySet<string>;
  /** Whether an administrator is one only with an address that is proven. */
  readonly mustVerify: boolean;
  /** Whether they act as such only in sessions that have shown a second factor, or were opened with a passkey. */
  readonly mustShowMfa: boolean;
}

/** Who runs the platform: the accounts of addresses that are set. */
export class PlatformAdministrators {
  constructor(private readonly options: PlatformAdministratorsOptions) {}

  isOne({ email, isEmailVerified }: AdministratorAccount): boolean {
    return this.isListed(email) && (isEmailVerified || !this.options.mustVerify);
  }

  /** Whether somebody acts as one in a session. */
  actsAsOne(session: AdministratorAccount & { readonly showedMfa: boolean }): boolean {
    return this.isOne(session) && (session.showedMfa || !this.options.mustShowMfa);
  }

  /** Whether somebody is one, or would be with a proven address. */
  isListed(email: string): boolean {
    return this.options.emails.has(email);
  }
}
