import { createDomainEvent, type DomainEvent } from '@tessera/service/events';

/** A person has chosen another language, or none: others write to them in it. */
export function localeChanged(person: { readonly userId: string; readonly locale: string | null }): DomainEvent {
  const { userId, locale } = person;
  return createDomainEvent({ type: 'profile.localeChanged', payload: { userId, locale } });
}
