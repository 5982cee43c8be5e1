/** What an operation costs that hashes a password: more than reading twenty rows. */
export const passwordCost = 20;
