import type { AuthenticationMethod } from './authentication-method.js';

/** How a session was opened, as tenants' security policies name it; null for one that nobody signed in to. */
export function signInWayOf(methods: readonly AuthenticationMethod[], providerId: string | undefined): string | null {
  const [first] = methods;
  if (first === 'pwd') return 'password';
  if (first === 'email') return 'email';
  if (first === 'hwk') return 'passkey';
  return first === 'fed' ? `oidc:${providerId ?? ''}` : null;
}

/** The claim `amr` of a session (RFC 8176). */
export function methodsOfWay(way: string | null, hasMfa: boolean): readonly AuthenticationMethod[] {
  const first = methodsByWay.find(([name]) => way === name || way?.startsWith(`${name}:`))?.[1];
  return [...(first === undefined ? [] : [first]), ...(hasMfa ? (['mfa'] as const) : [])];
}

const methodsByWay = [
  ['password', 'pwd'],
  ['email', 'email'],
  ['passkey', 'hwk'],
  ['oidc', 'fed'],
] as const;
