import { parseRate, type Rate, type RateRule } from '@tessera/service/rate-limit';
import type { GatewayConfig } from '../../config.js';

/** A limit by requests and one by what they cost; either may be absent. */
export interface RulePair {
  readonly requests: RateRule | undefined;
  readonly cost: RateRule | undefined;
}

/** The limits that hold, by whom they are for. */
export interface RateRules {
  readonly anonymous: RulePair;
  readonly person: RulePair;
  readonly apiKey: RulePair;
  /** Tokens that are not valid, by address: apart from anonymous requests, or who has to renew a token could not. */
  readonly invalidToken: RateRule | undefined;
  readonly sensitive: RateRule | undefined;
  ofPlan(plan: string | undefined): RulePair;
}

type RateSettings = Pick<
  GatewayConfig,
  | 'JWKS_URL'
  | 'RATE_LIMITS'
  | 'RATE_LIMIT_ANONYMOUS'
  | 'RATE_LIMIT_SENSITIVE'
  | 'RATE_LIMIT_PERSON'
  | 'RATE_LIMIT_API_KEY'
  | 'RATE_LIMIT_PLANS'
  | 'RATE_LIMIT_ANONYMOUS_COST'
  | 'RATE_LIMIT_PERSON_COST'
  | 'RATE_LIMIT_API_KEY_COST'
  | 'RATE_LIMIT_PLANS_COST'
>;

type PlanRates = ReadonlyMap<string, Rate | 'none'>;

interface Defaults {
  readonly anonymous?: string;
  readonly sensitive?: string;
  readonly person?: string;
  readonly apiKey?: string;
  readonly plans: Readonly<Record<string, string>>;
}

/** Costs are limited only where somebody has set by how much: what an operation costs is a matter of the schema. */
const defaults: Readonly<Record<'production' | 'local' | 'none', Defaults>> = {
  production: {
    anonymous: '10/s burst 20',
    sensitive: '1/s burst 5',
    person: '50/s burst 100',
    apiKey: '100/s burst 200',
    plans: { '*': '100/s burst 200', pro: '500/s burst 1000', enterprise: '2000/s burst 4000' },
  },
  // A developer's tests and page loads come from one address; a loop that runs wild still ends here.
  local: {
    anonymous: '500/s burst 1000',
    sensitive: '100/s burst 200',
    person: '1000/s burst 2000',
    apiKey: '1000/s burst 2000',
    plans: { '*': '5000/s burst 10000' },
  },
  none: { plans: {} },
};

/** @returns undefined where nothing is limited */
export function readRateRules(config: RateSettings): RateRules | undefined {
  const standard = defaults[config.RATE_LIMITS ?? (config.JWKS_URL === undefined ? 'none' : 'production')];
  const standardPlans = new Map(
    Object.entries(standard.plans).map(([plan, text]) => [plan, parseRate(text) ?? ('none' as const)]),
  );
  const rule = (name: string, set: Rate | 'none' | undefined, text: string | undefined, isStrict = false) =>
    toRule(name, set ?? (text === undefined ? undefined : parseRate(text)), isStrict);
  const pair = (
    name: string,
    set: Rate | 'none' | undefined,
    text: string | undefined,
    cost: Rate | 'none' | undefined,
  ) => ({
    requests: rule(name, set, text),
    cost: rule(`${name}Cost`, cost, undefined),
  });

  const ofPlan = createPlanRules(config.RATE_LIMIT_PLANS ?? standardPlans, config.RATE_LIMIT_PLANS_COST ?? new Map());
  const rules = {
    anonymous: pair('anonymous', config.RATE_LIMIT_ANONYMOUS, standard.anonymous, config.RATE_LIMIT_ANONYMOUS_COST),
    person: pair('person', config.RATE_LIMIT_PERSON, standard.person, config.RATE_LIMIT_PERSON_COST),
    apiKey: pair('apiKey', config.RATE_LIMIT_API_KEY, standard.apiKey, config.RATE_LIMIT_API_KEY_COST),
    invalidToken: rule('invalidToken', config.RATE_LIMIT_ANONYMOUS, standard.anonymous),
    sensitive: rule('sensitive', config.RATE_LIMIT_SENSITIVE, standard.sensitive, true),
    ofPlan: ofPlan.rulesOf,
  };
  const limitsAnything =
    ofPlan.limitsAnything ||
    rules.sensitive !== undefined ||
    [rules.anonymous, rules.person, rules.apiKey].some(({ requests, cost }) => requests ?? cost);
  return limitsAnything ? rules : undefined;
}

function createPlanRules(requests: PlanRates, cost: PlanRates) {
  const rules = new Map<string, RulePair>();
  for (const plan of new Set([...requests.keys(), ...cost.keys(), '*'])) {
    rules.set(plan, {
      requests: toRule('tenant', requests.get(plan) ?? requests.get('*'), false),
      cost: toRule('tenantCost', cost.get(plan) ?? cost.get('*'), false),
    });
  }
  const unnamed = rules.get('*') ?? { requests: undefined, cost: undefined };
  return {
    rulesOf: (plan: string | undefined): RulePair => (plan === undefined ? unnamed : (rules.get(plan) ?? unnamed)),
    limitsAnything: [...rules.values()].some((pair) => pair.requests !== undefined || pair.cost !== undefined),
  };
}

function toRule(name: string, rate: Rate | 'none' | undefined, isStrict: boolean): RateRule | undefined {
  return rate === undefined || rate === 'none' ? undefined : Object.freeze({ name, rate, isStrict });
}
