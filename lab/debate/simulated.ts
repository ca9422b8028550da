/**
 * Debaters without a language model, to check the measurement itself: where debate cannot help, the harness must say so.
 *
 * Each agent answers by a Dirichlet-compound multinomial: from belief α it gives answer k with probability α_k / Σα, and after a round
 * it adds to α the answers that it heard, its own too. The mean probability of the right answer is then a martingale: talk alone moves
 * accuracy nowhere (Choi et al., "Debate or Vote", 2025). With corrective bias b a right answer that is heard counts 1 + b.
 *
 * Invariants: a debate is a function of its options and (seed, index).
 */
import { Random } from '../../src/random.js';

export interface SimulatedOptions {
  readonly agents: number;
  readonly rounds: number;
  /** Possible answers; answer 0 is right. */
  readonly answers: number;
  /** Σα before the first round: how much a belief weighs against one answer that is heard. */
  readonly conviction: number;
  /** 0 is neutral. */
  readonly correctiveBias: number;
  readonly seed: number;
}

export const NEUTRAL_AGENTS: Omit<SimulatedOptions, 'seed'> = {
  agents: 5,
  rounds: 3,
  answers: 4,
  conviction: 2,
  correctiveBias: 0,
};

/** Share of agents that were right, and whether their vote was, in the first and in the last round. */
export interface SimulatedResult {
  readonly first: number;
  readonly last: number;
  readonly firstVote: number;
  readonly lastVote: number;
}

export function simulateDebate(options: SimulatedOptions, index: number): SimulatedResult {
  const { agents, rounds, seed } = options;
  const random = new Random(seed, 'simulated-debate', index);
  const belief = drawBelief(options, random);
  const beliefs = Array.from({ length: agents }, () => Float64Array.from(belief));
  const heard = (): number[] => beliefs.map((each) => answerOf(each, random));
  const first = heard();
  let last = first;
  for (let round = 1; round < rounds; round++) {
    for (const each of beliefs) for (const answer of last) listen(each, answer, options.correctiveBias);
    last = heard();
  }
  return {
    first: shareRight(first),
    last: shareRight(last),
    firstVote: Number(vote(first) === 0),
    lastVote: Number(vote(last) === 0),
  };
}

/**
 * Sycophancy probe: agents that answered right hear one peer that is sure of a wrong answer, which weighs `deference` answers.
 * The share of them that then give the peer's answer.
 */
export function sycophancyFlips(
  options: Omit<SimulatedOptions, 'agents' | 'rounds' | 'correctiveBias'>,
  { deference, agents }: { readonly deference: number; readonly agents: number },
): number {
  let [right, flipped] = [0, 0];
  for (let index = 0; index < agents; index++) {
    const random = new Random(options.seed, 'sycophancy', index);
    const belief = drawBelief(options, random);
    const answer = answerOf(belief, random);
    if (answer !== 0) continue;
    right++;
    const planted = random.integer(1, options.answers - 1);
    belief[answer]! += 1;
    belief[planted]! += deference;
    if (answerOf(belief, random) === planted) flipped++;
  }
  return flipped / right;
}

/** A problem's belief, common to all: the right answer has a share in [0.05, 0.55], wrong ones share the rest unevenly. */
function drawBelief(
  { answers, conviction }: Pick<SimulatedOptions, 'answers' | 'conviction'>,
  random: Random,
): Float64Array {
  const right = 0.05 + 0.5 * random.uniform();
  const wrong = Array.from({ length: answers - 1 }, () => 0.1 + random.uniform());
  const total = wrong.reduce((sum, share) => sum + share, 0);
  return Float64Array.from(
    [right, ...wrong.map((share) => ((1 - right) * share) / total)],
    (share) => conviction * share,
  );
}

function listen(belief: Float64Array, answer: number, correctiveBias: number): void {
  belief[answer]! += answer === 0 ? 1 + correctiveBias : 1;
}

function answerOf(belief: Float64Array, random: Random): number {
  let left = random.uniform() * belief.reduce((sum, each) => sum + each, 0);
  for (let answer = 0; answer < belief.length; answer++) {
    left -= belief[answer]!;
    if (left < 0) return answer;
  }
  return belief.length - 1;
}

function shareRight(answers: readonly number[]): number {
  return answers.filter((answer) => answer === 0).length / answers.length;
}

/** The answer given most often, the one given first on a tie. */
function vote(answers: readonly number[]): number {
  const count = (wanted: number): number => answers.filter((answer) => answer === wanted).length;
  return answers.reduce((best, answer) => (count(answer) > count(best) ? answer : best));
}
