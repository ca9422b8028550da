/**
 * A made-up policy on a made-up task, to measure a search without a model: every node has `branching` possible steps, a step is right or
 * wrong, and an answer is right only if all its steps were.
 *
 * The policy is confident without being good: its log-odds are drawn at random, `skill` being what a right step gets on top. So it says
 * the same few things again and again, and where it is wrong it is wrong for a whole subtree.
 *
 * Invariants: everything is a function of (seed, path, draw).
 */
import { Random } from '../../src/random.js';
import type { Continuation, Ticket } from '../../src/techniques/search/search.js';
import type { Step } from '../../src/techniques/search/tree.js';

export interface SimulatedTask {
  readonly seed: number;
  readonly branching: number;
  /** Steps of a completion. */
  readonly depth: number;
  /** Probability that a step is right. */
  readonly rightShare: number;
  /** Log-odds that the policy gives a right step on top of a random one. */
  readonly skill: number;
  /** Standard deviation of the policy's log-odds; 0 is a uniform policy. */
  readonly confidence: number;
  readonly tokensPerStep: number;
  /** Whether draws from one node give its steps without repetition, in the order that sampling without replacement would. */
  readonly distinct: boolean;
}

/** Steps to choose from at a node, by their probability under the policy and whether they are right. */
interface Choices {
  readonly probabilities: readonly number[];
  readonly isRight: readonly boolean[];
}

export class SimulatedPolicy {
  readonly #known = new Map<string, Choices>();
  readonly #orders = new Map<string, readonly number[]>();

  constructor(readonly task: SimulatedTask) {}

  /** What the policy samples for a ticket of a search. */
  continuation(ticket: Ticket): Continuation {
    const { task } = this;
    const path: number[] = [];
    for (let i = 0; i < ticket.prefixTokens.length; i += task.tokensPerStep)
      path.push(this.#choiceOf(ticket.prefixTokens[i]!));
    const random = task.distinct ? null : new Random(task.seed, 'draw', ...path, '/', ticket.draw);
    const steps: Step[] = [];
    for (let draw = ticket.draw; path.length < task.depth; draw = 0) {
      const choice = random ? this.#sample(path, random) : this.#order(path)[draw]!;
      steps.push(this.#step(path, choice));
      path.push(choice);
    }
    return {
      steps,
      ending: { answer: path.join(''), answerClass: path.join('.'), stopped: true },
      reward: this.reward(path),
    };
  }

  /** An independent completion, as best-of-N samples them. */
  sample(index: number): number {
    const random = new Random(this.task.seed, 'independent', index);
    const path: number[] = [];
    while (path.length < this.task.depth) path.push(this.#sample(path, random));
    return this.reward(path);
  }

  /** Reward of greedy decoding. */
  greedy(): number {
    const path: number[] = [];
    while (path.length < this.task.depth) {
      const { probabilities } = this.#choices(path);
      path.push(probabilities.indexOf(Math.max(...probabilities)));
    }
    return this.reward(path);
  }

  /** 1 for a right answer, otherwise 0. */
  reward(path: readonly number[]): number {
    return path.every((choice, i) => this.#choices(path.slice(0, i)).isRight[choice]) ? 1 : 0;
  }

  /** Exact mean reward of the policy from a path on. */
  value(path: readonly number[] = []): number {
    if (path.length === this.task.depth) return this.reward(path);
    const { probabilities, isRight } = this.#choices(path);
    return probabilities.reduce(
      (sum, probability, choice) =>
        isRight[choice] ? sum + probability * this.value([...path, choice]) : sum,
      0,
    );
  }

  #choices(path: readonly number[]): Choices {
    const key = path.join('.');
    const known = this.#known.get(key) ?? this.#drawChoices(path);
    this.#known.set(key, known);
    return known;
  }

  #drawChoices(path: readonly number[]): Choices {
    const { seed, branching, rightShare, skill, confidence } = this.task;
    const random = new Random(seed, 'choices', ...path);
    const isRight = Array.from({ length: branching }, () => random.uniform() < rightShare);
    const weights = isRight.map((right) => Math.exp(confidence * random.normal() + (right ? skill : 0)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return { isRight, probabilities: weights.map((weight) => weight / total) };
  }

  /** All choices in the order of sampling without replacement (Gumbel's trick); the first is a plain sample. */
  #order(path: readonly number[]): readonly number[] {
    const key = path.join('.');
    const order = this.#orders.get(key) ?? this.#drawOrder(path);
    this.#orders.set(key, order);
    return order;
  }

  #drawOrder(path: readonly number[]): number[] {
    const { probabilities } = this.#choices(path);
    const random = new Random(this.task.seed, 'order', ...path);
    const keys = probabilities.map(
      (probability) => Math.log(probability) - Math.log(-Math.log(random.uniform())),
    );
    return keys.map((_, i) => i).sort((a, b) => keys[b]! - keys[a]!);
  }

  #sample(path: readonly number[], random: Random): number {
    const { probabilities } = this.#choices(path);
    let mass = random.uniform();
    const choice = probabilities.findIndex((probability) => {
      mass -= probability;
      return mass < 0;
    });
    return choice < 0 ? probabilities.length - 1 : choice;
  }

  #step(path: readonly number[], choice: number): Step {
    const { branching, tokensPerStep } = this.task;
    const logProb = Math.log(this.#choices(path).probabilities[choice]!) / tokensPerStep;
    return {
      text: `Step ${path.length + 1}: after ${path.join('')} take ${choice}. `,
      tokens: new Int32Array(tokensPerStep).fill(path.length * branching + choice),
      logProbs: new Float32Array(tokensPerStep).fill(logProb),
      supportLogMass: new Float32Array(tokensPerStep),
    };
  }

  #choiceOf(token: number): number {
    return token % this.task.branching;
  }
}
