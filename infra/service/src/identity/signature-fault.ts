import { AppError } from '../errors/index.js';

/** What is wrong with the signature of a request, by its `details.reason`, and who operates the platform does about it. */
const faults = {
  SIGNATURE_MISSING: {
    message: 'The request is not signed by a gateway',
    remedy: 'PRINCIPAL_SECRET is not set where the request comes from',
  },
  SIGNATURE_WRONG: {
    message: 'The signature of the request does not match',
    remedy: 'PRINCIPAL_SECRET, or the name or the path that was signed for, is another one at each end',
  },
  SIGNATURE_STALE: {
    message: 'The signature of the request is too old',
    remedy: 'the clocks of both ends differ, or the request was sent again by somebody else',
  },
} as const;

export type SignatureFault = keyof typeof faults;

/** `UNAUTHENTICATED` for a request that no gateway of ours has signed: not the caller is to blame, but who sends for them. */
export function signatureRefused(reason: SignatureFault): AppError {
  return new AppError('UNAUTHENTICATED', faults[reason].message, { details: { reason } });
}

/** What to look at. */
export function remedyOf(fault: SignatureFault): string {
  return faults[fault].remedy;
}

/** Whether an error, ours or one of another service's answer, says that a signature was refused: it is no news about the caller then. */
export function signatureFaultOf(error: unknown): SignatureFault | undefined {
  const reason = memberOf(memberOf(error, 'details') ?? memberOf(memberOf(error, 'extensions'), 'details'), 'reason');
  return typeof reason === 'string' && Object.hasOwn(faults, reason) ? (reason as SignatureFault) : undefined;
}

/**
 * Another service does not believe that we sent a request. That is between the two: clients, who sign their people out for
 * `UNAUTHENTICATED`, are told that it is not available.
 */
export class RefusedSignature extends Error {
  constructor(fault: SignatureFault) {
    super(`The signature of the request was refused, ${fault}: ${remedyOf(fault)}`);
  }
}

/** @param answer parsed JSON, with `errors` @returns undefined for one that says nothing of signatures */
export function refusedSignatureIn(answer: unknown): RefusedSignature | undefined {
  const errors = memberOf(answer, 'errors');
  if (!Array.isArray(errors)) return undefined;
  for (const error of errors) {
    const fault = signatureFaultOf(error);
    if (fault !== undefined) return new RefusedSignature(fault);
  }
  return undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
