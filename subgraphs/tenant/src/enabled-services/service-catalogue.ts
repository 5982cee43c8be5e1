/** Without them nobody could sign in, or switch a service on again. */
const alwaysOn = ['auth', 'tenant'] as const;

/** The services that can be switched off for a tenant, by the names of their subgraphs. */
export class ServiceCatalogue {
  readonly switchable: readonly string[];

  constructor(switchable: readonly string[]) {
    this.switchable = switchable.filter((name) => !(alwaysOn as readonly string[]).includes(name));
  }

  /** What is on where these are off. A service that joins the platform later is on until it is switched off. */
  enabledBut(disabled: readonly string[]): string[] {
    return [...alwaysOn, ...this.switchable.filter((name) => !disabled.includes(name))];
  }

  /** What is off; names that have left the catalogue do not count. */
  disabledOf(disabled: readonly string[]): string[] {
    return this.switchable.filter((name) => disabled.includes(name));
  }
}
