/**
 * A simulated stream of problems with known chances of success, in which ways to choose strategies are compared by their regret.
 *
 * Invariants: two choosers with the same seed meet the same problems and the same luck; regret is worked out from the true chances,
 * not from the drawn rewards.
 */
import { Random } from '../../src/random.js';
import { StrategyPosterior } from '../../src/techniques/annealing/bandit.js';

/** Picks a strategy for each item of a batch. */
export type Chooser = (
  contexts: readonly string[],
  posterior: StrategyPosterior,
  random: Random,
) => ArrayLike<number>;

export interface SimulationOptions {
  readonly seed: number | string;
  readonly contexts: number;
  readonly strategies: number;
  /** B: problems of a batch. */
  readonly batchSize: number;
  /** T: batches; the posterior learns after each. */
  readonly batches: number;
  readonly chooser: Chooser;
  /** Rewards are drawn with chances uniform in this range. */
  readonly chanceRange: readonly [low: number, high: number];
  /** Forgetting factor of the posterior for each batch. */
  readonly discount?: number;
  /** From this batch on, all chances are drawn anew. */
  readonly changeAt?: number;
  /** false: all problems look alike to the chooser. */
  readonly isContextual?: boolean;
}

/** Mean regret per problem, batch by batch: best chance of the context minus the chance of what was chosen. */
export function simulateRegret(options: SimulationOptions): Float64Array {
  const { seed, contexts, strategies, batchSize, batches, chooser, isContextual = true } = options;
  const posterior = new StrategyPosterior({ strategies, discount: options.discount ?? 1 });
  const regret = new Float64Array(batches); // [batches]
  let chances = drawChances(options, 0);
  for (let t = 0; t < batches; t++) {
    if (t === options.changeAt) chances = drawChances(options, 1);
    const draws = new Random(seed, 'batch', t);
    const drawn = Array.from({ length: batchSize }, () => draws.integer(0, contexts - 1));
    const names = drawn.map((context) => (isContextual ? `context ${context}` : 'any'));
    const chosen = chooser(names, posterior, new Random(seed, 'choice', t));
    posterior.age();
    for (let i = 0; i < batchSize; i++) {
      const own = chances.subarray(drawn[i]! * strategies, (drawn[i]! + 1) * strategies);
      const chance = own[chosen[i]!]!;
      regret[t]! += (Math.max(...own) - chance) / batchSize;
      posterior.observe(names[i]!, chosen[i]!, draws.uniform() < chance ? 1 : 0);
    }
  }
  return regret;
}

/** The same strategy for every problem, the one with the best mean chance: what tuning a single fixed strategy can reach. */
export function bestFixedRegret(options: Omit<SimulationOptions, 'chooser'>): Float64Array {
  const { contexts, strategies } = options;
  const chances = drawChances(options, 0);
  let [best, most] = [0, -1];
  for (let a = 0; a < strategies; a++) {
    let sum = 0;
    for (let context = 0; context < contexts; context++) sum += chances[context * strategies + a]!;
    if (sum > most) [best, most] = [a, sum];
  }
  return simulateRegret({ ...options, chooser: (names) => names.map(() => best) });
}

function drawChances(
  { seed, contexts, strategies, chanceRange: [low, high] }: Omit<SimulationOptions, 'chooser'>,
  epoch: number,
): Float64Array {
  const random = new Random(seed, 'chances', epoch);
  return Float64Array.from({ length: contexts * strategies }, () => low + (high - low) * random.uniform());
}
