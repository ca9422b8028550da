/**
 * What is known so far about how well each strategy does on each kind of problem, learned from reward.
 *
 * Invariants: a mean stays inside (0, 1) and a deviation is finite and positive, whatever was observed; old observations lose
 * weight by the same factor everywhere, so that estimates can follow a policy that learns.
 *
 * Beta posterior for each (context, strategy): a reward r ∈ [0, 1] adds r to the successes and 1 − r to the failures
 * (fractional rewards: Agrawal and Goyal, 2012, in expectation). A context is a name made of problem features, such as the domain.
 */
import { DialecticError } from '../../errors.js';

interface PosteriorOptions {
  /** k. */
  readonly strategies: number;
  /** Factor of all counts at each `age()`, in (0, 1]; 1 never forgets. 1/(1 − discount) updates are remembered. */
  readonly discount?: number;
  /** Pseudo-counts that stand for no knowledge. Default 1 and 1: uniform. */
  readonly priorSuccesses?: number;
  readonly priorFailures?: number;
}

/** Everything the posterior remembers, as plain JSON. */
interface PosteriorSnapshot {
  readonly contexts: Readonly<Record<string, { readonly successes: number[]; readonly failures: number[] }>>;
}

interface Counts {
  readonly successes: Float64Array; // [strategies]
  readonly failures: Float64Array; // [strategies]
}

export class StrategyPosterior {
  readonly strategies: number;
  readonly #discount: number;
  readonly #priorSuccesses: number;
  readonly #priorFailures: number;
  readonly #counts = new Map<string, Counts>();

  /** Throws CONFIG where an option is out of range. */
  constructor(options: PosteriorOptions) {
    const { strategies, discount = 1, priorSuccesses = 1, priorFailures = 1 } = options;
    if (!(Number.isInteger(strategies) && strategies > 0))
      throw new DialecticError('CONFIG', `${strategies} strategies; expected at least 1`);
    if (!(discount > 0 && discount <= 1))
      throw new DialecticError('CONFIG', `the discount is ${discount}; expected above 0, at most 1`);
    if (!(priorSuccesses > 0 && priorFailures > 0))
      throw new DialecticError(
        'CONFIG',
        `the prior is ${priorSuccesses} successes and ${priorFailures} failures; expected above 0`,
      );
    this.strategies = strategies;
    this.#discount = discount;
    this.#priorSuccesses = priorSuccesses;
    this.#priorFailures = priorFailures;
  }

  /** Adds `count` observations whose mean reward is `reward`. Throws SHAPE unless reward ∈ [0, 1]: clip or scale before. */
  observe(context: string, strategy: number, reward: number, count = 1): void {
    if (!(reward >= 0 && reward <= 1) || !(count >= 0 && Number.isFinite(count)))
      throw new DialecticError(
        'SHAPE',
        `context "${context}", strategy ${strategy}: ${count} rewards of ${reward}; expected a reward from 0 to 1`,
      );
    if (!(Number.isInteger(strategy) && strategy >= 0 && strategy < this.strategies))
      throw new DialecticError('SHAPE', `strategy ${strategy}; expected 0 to ${this.strategies - 1}`);
    let counts = this.#counts.get(context);
    if (!counts) {
      counts = {
        successes: new Float64Array(this.strategies),
        failures: new Float64Array(this.strategies),
      };
      this.#counts.set(context, counts);
    }
    counts.successes[strategy]! += count * reward;
    counts.failures[strategy]! += count * (1 - reward);
  }

  /** Once an update: multiplies every count by the discount. */
  age(): void {
    if (this.#discount === 1) return;
    for (const { successes, failures } of this.#counts.values()) {
      for (let a = 0; a < this.strategies; a++) {
        successes[a]! *= this.#discount;
        failures[a]! *= this.#discount;
      }
    }
  }

  /** (α, β) of the Beta distribution. */
  shape(context: string, strategy: number): readonly [alpha: number, beta: number] {
    const counts = this.#counts.get(context);
    return [
      this.#priorSuccesses + (counts?.successes[strategy] ?? 0),
      this.#priorFailures + (counts?.failures[strategy] ?? 0),
    ];
  }

  /** Discounted number of observations. */
  count(context: string, strategy: number): number {
    const counts = this.#counts.get(context);
    return counts ? counts.successes[strategy]! + counts.failures[strategy]! : 0;
  }

  /** μ̂ = α / (α + β), the expected reward. */
  mean(context: string, strategy: number): number {
    const [alpha, beta] = this.shape(context, strategy);
    return alpha / (alpha + beta);
  }

  /** σ̂(n + pending): the posterior's standard deviation as it would be after `pending` more observations that do not move the mean. */
  deviation(context: string, strategy: number, pending = 0): number {
    const [alpha, beta] = this.shape(context, strategy);
    const mean = alpha / (alpha + beta);
    return Math.sqrt((mean * (1 - mean)) / (alpha + beta + pending + 1));
  }

  snapshot(): PosteriorSnapshot {
    return {
      contexts: Object.fromEntries(
        [...this.#counts].map(([context, { successes, failures }]) => [
          context,
          { successes: [...successes], failures: [...failures] },
        ]),
      ),
    };
  }

  /** Replaces what is remembered by a snapshot of a posterior with as many strategies. */
  restore(snapshot: PosteriorSnapshot): void {
    this.#counts.clear();
    for (const [context, { successes, failures }] of Object.entries(snapshot.contexts)) {
      if (successes.length !== this.strategies || failures.length !== this.strategies)
        throw new DialecticError(
          'SHAPE',
          `context "${context}" has counts of ${successes.length} strategies; expected ${this.strategies}`,
        );
      this.#counts.set(context, {
        successes: Float64Array.from(successes),
        failures: Float64Array.from(failures),
      });
    }
  }
}
