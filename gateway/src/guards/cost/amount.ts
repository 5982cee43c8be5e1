/** Variables as a client sent them: nothing about them has been checked. */
export type GivenVariables = Readonly<Record<string, unknown>>;

/** A number, or how to get it from the variables. What no variable changes is computed once. */
export type Amount = number | ((variables: GivenVariables) => number);

/** Far below where adding one to a number would be lost, far above any limit. */
const most = 1e12;

/** What an amount comes to with the variables of one request. */
export function amountOf(amount: Amount, variables: GivenVariables): number {
  return typeof amount === 'number' ? amount : amount(variables);
}

/** Their sum, which is still an amount where variables decide. */
export function add(amounts: readonly Amount[]): Amount {
  return combine(amounts, 0, (sum, next) => sum + next);
}

/** Their product; nothing times whatever it be is nothing. */
export function multiply(...amounts: readonly Amount[]): Amount {
  if (amounts.includes(0)) return 0;
  return combine(amounts, 1, (product, next) => product * next);
}

/** The largest of them, and at least 0. */
export function largest(amounts: readonly Amount[]): Amount {
  return combine(amounts, 0, Math.max);
}

function combine(amounts: readonly Amount[], start: number, join: (left: number, right: number) => number): Amount {
  let constant = start;
  const variable: Exclude<Amount, number>[] = [];
  for (const amount of amounts) {
    if (typeof amount === 'number') constant = Math.min(most, join(constant, amount));
    else variable.push(amount);
  }
  if (variable.length === 0) return constant;
  return (variables) => {
    let result = constant;
    for (const amount of variable) result = Math.min(most, join(result, amount(variables)));
    return result;
  };
}
