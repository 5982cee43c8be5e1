import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import {
  fieldUsesEventType,
  maxLinesOfFieldReport,
  type FieldUse,
  type FieldUses,
  type UsedOperation,
} from '@tessera/service/operations';

/** One event, with what it tells. */
export interface FieldReport {
  readonly event: DomainEvent;
  readonly operations: readonly UsedOperation[];
}

/** Coordinates of one event, unless one operation alone has more. */
const maxCoordinates = 10_000;

/** Spreads uses over events of bounded size; operations that are not known go with the first use of them. */
export function toFieldReports(
  uses: readonly FieldUse[],
  operations: ReadonlyMap<string, UsedOperation>,
  isKnown: (key: string) => boolean,
): readonly FieldReport[] {
  const reports: FieldReport[] = [];
  const told = new Set<string>();
  let payload: { operations: UsedOperation[]; uses: FieldUse[] } = { operations: [], uses: [] };
  let coordinates = 0;
  const end = (): void => {
    if (payload.uses.length > 0) reports.push(toReport(payload));
    payload = { operations: [], uses: [] };
    coordinates = 0;
  };
  for (const use of uses) {
    const operation = operations.get(use.key);
    const isNew = operation !== undefined && !told.has(use.key) && !isKnown(use.key);
    const added = isNew ? operation.coordinates.length : 0;
    if (payload.uses.length === maxLinesOfFieldReport || coordinates + added > maxCoordinates) end();
    payload.uses.push(use);
    if (!isNew) continue;
    payload.operations.push(operation);
    told.add(use.key);
    coordinates += added;
  }
  end();
  return reports;
}

function toReport(payload: FieldUses): FieldReport {
  const event = createDomainEvent({ type: fieldUsesEventType, payload: { ...payload } });
  return { event, operations: payload.operations };
}
