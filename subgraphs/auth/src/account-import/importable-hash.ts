/** What checking one may cost: some four times a hash of today. Nobody's sign-in is to take the service down. */
const maxMemoryKiB = 128 * 1_024;
const maxWork = 4 * 47_104 * 4;
const maxBcryptCost = 13;

const argonPattern = /^\$argon2(?:id|i|d)\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,2})\$[\w+/]{11,86}\$[\w+/]{22,86}$/;
const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./\w]{53}$/;

/** Whether a hash of another system can be checked here: Argon2 (PHC string format) or bcrypt, and no dearer than that. */
export function isImportableHash(hash: string): boolean {
  const bcryptCost = bcryptPattern.exec(hash)?.[1];
  if (bcryptCost !== undefined) return Number(bcryptCost) >= 4 && Number(bcryptCost) <= maxBcryptCost;
  const [, memoryKiB, passes, lanes] = (argonPattern.exec(hash) ?? []).map(Number);
  if (memoryKiB === undefined || passes === undefined || lanes === undefined) return false;
  return (
    lanes > 0 && memoryKiB >= 8 * lanes && memoryKiB <= maxMemoryKiB && passes > 0 && memoryKiB * passes <= maxWork
  );
}
