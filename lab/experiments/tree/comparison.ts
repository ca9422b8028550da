/** Trees of a policy beside independent completions at equal tokens: accuracy, and the paired difference with its interval. */

import { Random } from '../../../src/random.js';
import { mean, rounded } from './numbers.js';

const RESAMPLES = 2000;
export const SEED = 11;

export interface Completion {
  readonly answer: string | null;
  readonly isRight: boolean;
  readonly tokens: number;
}

/** What a tree held when a budget was used up. */
export interface TreeState {
  readonly tokens: number;
  readonly anyRight: boolean;
  readonly byRollouts: boolean;
  readonly byPolicyWeight: boolean;
  readonly mostVisited: boolean;
}

/** Completions of each problem. */
export type Sampled = readonly (readonly Completion[])[];

export interface Results {
  readonly rollouts: number;
  /** Place of `rollouts` among the budgets. */
  readonly budget: number;
  readonly greedy: Sampled;
  readonly samples: Sampled;
  /** States of each tree, by budget. */
  readonly searches: readonly {
    readonly guide: string;
    readonly width: number;
    readonly trees: readonly (readonly TreeState[])[];
  }[];
}

interface Method {
  readonly method: string;
  readonly right: readonly boolean[];
  readonly tokens: number;
  readonly baseline?: Method;
}

type Decide = (completions: readonly Completion[]) => boolean;

/** The first item of the answer with the largest weight; items without an answer have no vote. */
export function mostVoted<T>(
  items: readonly T[],
  answerOf: (item: T) => string | null,
  weightOf: (item: T) => number,
): T | undefined {
  const totals = new Map<string | null, number>();
  for (const item of items) {
    const answer = answerOf(item);
    if (answer !== null) totals.set(answer, (totals.get(answer) ?? 0) + weightOf(item));
  }
  const largest = Math.max(...totals.values());
  return items.find((item) => totals.get(answerOf(item)) === largest);
}

/** Accuracy of every method at one budget, and the paired difference to its baseline at equal tokens. */
export function compare({ rollouts, budget, greedy, samples, searches }: Results) {
  const methods: Method[] = [
    {
      method: 'greedy',
      right: greedy.map(([one]) => one!.isRight),
      tokens: mean(greedy.map(([one]) => one!.tokens)),
    },
    sampledMethod(`pass@${rollouts}`, samples, () => rollouts, passes),
    sampledMethod(`majority of ${rollouts}`, samples, () => rollouts, majority),
  ];
  for (const { guide, width, trees } of searches) {
    const states = trees.map((states) => states[budget]!);
    const tokens = mean(states.map((state) => state.tokens));
    const name = `tree, ${guide}, width ${width}`;
    const [decide, label, picks]: [
      Decide,
      string,
      (readonly [string, Exclude<keyof TreeState, 'tokens'>])[],
    ] =
      guide === 'verifier'
        ? [passes, 'pass@N', [['any right', 'anyRight']]]
        : [
            majority,
            'majority',
            [
              ['majority of rollouts', 'byRollouts'],
              ['majority by policy weight', 'byPolicyWeight'],
              ['most visited path', 'mostVisited'],
            ],
          ];
    const baseline = sampledMethod(
      `${label} at the tokens of "${name}"`,
      samples,
      (index) => withinTokens(samples[index]!, states[index]!.tokens),
      decide,
    );
    methods.push(baseline);
    for (const [pick, key] of picks)
      methods.push({
        method: `${name}: ${pick}`,
        right: states.map((state) => state[key]),
        tokens,
        baseline,
      });
  }
  return {
    rollouts,
    methods: methods.map(({ method, right, tokens, baseline }) => ({
      method,
      accuracy: rounded(mean(right)),
      tokens: Math.round(tokens),
      ...(baseline ? { gain: pairedGain(right, baseline.right) } : {}),
    })),
  };
}

function sampledMethod(
  method: string,
  samples: Sampled,
  countOf: (index: number) => number,
  decide: Decide,
): Method {
  const taken = samples.map((each, index) => each.slice(0, countOf(index)));
  const tokens = mean(taken.map((each) => each.reduce((sum, one) => sum + one.tokens, 0)));
  return { method, right: taken.map(decide), tokens };
}

const passes: Decide = (completions) => completions.some(({ isRight }) => isRight);
const majority: Decide = (completions) =>
  mostVoted(
    completions,
    ({ answer }) => answer,
    () => 1,
  )?.isRight ?? false;

/** How many completions, at least one, come nearest to as many tokens. */
function withinTokens(completions: readonly Completion[], tokens: number): number {
  let [spent, count] = [completions[0]!.tokens, 1];
  while (count < completions.length && spent + completions[count]!.tokens / 2 < tokens)
    spent += completions[count++]!.tokens;
  return count;
}

/** Mean difference of two methods on the same problems, with a bootstrapped 95 % interval. */
function pairedGain(right: readonly boolean[], baseline: readonly boolean[]) {
  const differences = right.map((flag, i) => Number(flag) - Number(baseline[i]));
  const random = new Random(SEED, 'bootstrap');
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(differences.map(() => differences[random.integer(0, differences.length - 1)]!)),
  ).sort((a, b) => a - b);
  const at = (share: number): number => rounded(means[Math.floor(share * (RESAMPLES - 1))]!);
  return { mean: rounded(mean(differences)), low: at(0.025), high: at(0.975) };
}

export function markdownRow(
  rollouts: number,
  { method, accuracy, tokens, gain }: ReturnType<typeof compare>['methods'][number],
): string {
  const points = (share: number): string => `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(1)}`;
  const shown = gain ? `${points(gain.mean)} (${points(gain.low)} to ${points(gain.high)})` : '';
  return `| ${rollouts} | ${method} | ${(100 * accuracy).toFixed(1)} % | ${tokens} | ${shown} |`;
}
