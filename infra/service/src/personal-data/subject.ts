import { z } from 'zod';
import type { Principal } from '../identity/index.js';
import type { SubjectKind } from './inventory.js';

/** One tenant or one person, whose data is meant. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
}

export const subjectSchema = z.object({ kind: z.enum(['tenant', 'person']), id: z.uuid() });

/** The service acting for a subject: row-level security shows it the subject's rows, and the service's own. */
export function subjectPrincipal({ kind, id }: Subject): Principal {
  return { kind: 'service', roles: [], scopes: [], ...(kind === 'tenant' ? { tenantId: id } : { userId: id }) };
}
