/**
 * Tree search on simulated tasks (lab/search/simulated-policy.ts), where the truth is known: against sampling at equal rollouts, with
 * several searchers, its value estimates, small trees that can be enumerated, and the prefill it needs; then with a real policy
 * (policy.ts). `-- tree simulated` and `-- tree policy` run one part only.
 * Every number is a function of the seeds below.
 */

import { provenance } from '../../../bench/kit.js';
import { policyValue } from '../../../src/techniques/search/policy-value.js';
import { TreeSearch } from '../../../src/techniques/search/search.js';
import type { SearchOptions } from '../../../src/techniques/search/search-options.js';
import type { ParallelMode } from '../../../src/techniques/search/selection.js';
import { driveSearch } from '../../search/drive.js';
import { PrefixCache } from '../../search/prefix-cache.js';
import { SimulatedPolicy, type SimulatedTask } from '../../search/simulated-policy.js';
import { mean } from './numbers.js';
import { main as policyTrees, type TreePolicyExperiment } from './policy.js';

const BUDGETS = [8, 16, 32, 64, 128, 256];
const FIXTURES: Readonly<Record<string, Pick<SimulatedTask, 'branching' | 'depth' | 'rightShare'>>> = {
  b3d4: { branching: 3, depth: 4, rightShare: 0.6 },
  b3d6: { branching: 3, depth: 6, rightShare: 0.6 },
  b4d6: { branching: 4, depth: 6, rightShare: 0.5 },
};
const COMMON = { skill: 0, confidence: 1.5, tokensPerStep: 12, distinct: true };
const UCB1 = { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' } as const;

type Changes = Partial<SimulatedTask>;

export interface TreeExperiment {
  /** Factor of the number of simulated trees of each part. */
  readonly share: number;
  readonly policy: Partial<TreePolicyExperiment>;
}

/** `part`: simulated or policy, both where it is left out. */
export async function main({ share = 1, policy = {} }: Partial<TreeExperiment> = {}, part?: string) {
  return {
    ...provenance('npm run lab -- tree'),
    experiment: 'tree',
    ...(part === 'policy' ? {} : { simulated: simulatedTasks(share) }),
    ...(part === 'simulated' ? {} : { policy: await policyTrees(policy) }),
  };
}

function simulatedTasks(share: number) {
  const trees = (count: number): number => Math.max(1, Math.round(share * count));
  return {
    searchAgainstSampling: Object.keys(FIXTURES).flatMap((name) => [
      againstSampling(name, trees(1000), {}),
      againstSampling(name, trees(400), { confidence: 0 }),
      againstSampling(name, trees(200), { distinct: false }),
    ]),
    atEightRollouts: Object.keys(FIXTURES).map((name) => atEightRollouts(name, trees(4000))),
    workers: (['none', 'virtual-loss', 'wu-uct'] as const).flatMap((parallel) =>
      [1, 8, 16].map((workers) => withWorkers(workers, parallel, trees(300))),
    ),
    policyValue: [
      biases('uniform policy, distinct draws', trees(3000), { confidence: 0 }, Math.SQRT2),
      biases('the same, C = 0.5', trees(500), { confidence: 0 }, 0.5),
      biases('confident policy, repeated draws', trees(500), { distinct: false }, Math.SQRT2),
    ],
    smallTrees: [2, 3].flatMap((branching) =>
      [2, 3, 4].map((depth) => enumerable(branching, depth, trees(200))),
    ),
    prefill: [Number.POSITIVE_INFINITY, 1024, 512, 256].map((tokens) => prefill(tokens, trees(50))),
  };
}

function taskOf(name: string, seed: number, changes: Changes): SimulatedPolicy {
  return new SimulatedPolicy({ ...FIXTURES[name]!, ...COMMON, ...changes, seed });
}

function optionsOf({ task }: SimulatedPolicy, changes: Partial<SearchOptions>): Partial<SearchOptions> {
  const { branching, distinct } = task;
  return {
    width: branching,
    maxDraws: distinct ? branching : 8 * branching,
    selection: UCB1,
    maxCompletionTokens: task.depth * task.tokensPerStep,
    ...changes,
  };
}

/**
 * Share of trees in which any completion was right, within each budget of rollouts: the search, as many independent completions, and as many
 * as cost the same tokens. Only trees that hold a right answer.
 */
function againstSampling(name: string, trees: number, changes: Changes) {
  const largest = BUDGETS.at(-1)!;
  const shares = BUDGETS.map((rollouts) => ({
    rollouts,
    search: 0,
    bestOfN: 0,
    atEqualTokens: 0,
    searchTokens: 0,
  }));
  let [greedy, policyMean] = [0, 0];
  let done = 0;
  for (let seed = 0; done < trees; seed++) {
    const policy = taskOf(name, seed, changes);
    const value = policy.value();
    if (value === 0) continue;
    done++;
    policyMean += value / trees;
    greedy += policy.greedy() / trees;
    const { found, tokens } = searchUntil(policy, largest);
    let independent = 0;
    while (independent < largest && policy.sample(independent) === 0) independent++;
    const completionTokens = policy.task.depth * policy.task.tokensPerStep;
    for (const share of shares) {
      const spent = tokens[Math.min(share.rollouts, tokens.length - 1)]!;
      share.search += Number(found <= share.rollouts) / trees;
      share.bestOfN += Number(independent < share.rollouts) / trees;
      share.atEqualTokens += Number(independent < Math.round(spent / completionTokens)) / trees;
      share.searchTokens += spent / trees;
    }
  }
  const { confidence, distinct, depth, tokensPerStep } = taskOf(name, 0, changes).task;
  return {
    fixture: name,
    confidence,
    distinct,
    trees,
    ...rounded({ greedy, policyMean }),
    byRollouts: shares.map((share) => ({
      ...rounded({ ...share, gain: share.search - share.bestOfN }),
      searchTokens: Math.round(share.searchTokens),
      bestOfNTokens: share.rollouts * depth * tokensPerStep,
    })),
  };
}

/** A small budget on wide trees, where a search could only lose; all trees, with a paired 95 % interval. */
function atEightRollouts(name: string, trees: number) {
  let [gain, squares] = [0, 0];
  for (let seed = 0; seed < trees; seed++) {
    const policy = taskOf(name, seed, {});
    let independent = 0;
    while (independent < 8 && policy.sample(independent) === 0) independent++;
    const difference = Number(searchUntil(policy, 8).found <= 8) - Number(independent < 8);
    gain += difference / trees;
    squares += difference ** 2 / trees;
  }
  return {
    fixture: name,
    trees,
    ...rounded({ gain, interval: 1.96 * Math.sqrt((squares - gain ** 2) / trees) }),
  };
}

/** Rollouts until the first right answer (Infinity without one), and the tokens spent after each rollout. */
function searchUntil(
  policy: SimulatedPolicy,
  maxRollouts: number,
): { readonly found: number; readonly tokens: readonly number[] } {
  const tokens = [0];
  let found = Number.POSITIVE_INFINITY;
  driveSearch(new TreeSearch(optionsOf(policy, { maxRollouts })), {
    continuation(ticket) {
      const result = policy.continuation(ticket);
      tokens.push(tokens.at(-1)! + result.steps.reduce((sum, step) => sum + step.tokens.length, 0));
      if (result.reward === 1) found = Math.min(found, tokens.length - 1);
      return result;
    },
  });
  return { found, tokens };
}

/** 32 rollouts on b3d4 by several searchers. */
function withWorkers(workers: number, parallel: ParallelMode, trees: number) {
  const totals = { anyCorrect: 0, duplicates: 0, leaves: 0 };
  let leaked = 0;
  for (let seed = 0; seed < trees; seed++) {
    const policy = taskOf('b3d4', seed, {});
    const search = new TreeSearch(optionsOf(policy, { maxRollouts: 32, selection: { ...UCB1, parallel } }));
    driveSearch(search, policy, workers);
    totals.anyCorrect += search.tree.root.maxValue / trees;
    totals.duplicates += search.counts.duplicates / search.counts.rollouts / trees;
    totals.leaves += search.tree.leaves().length / trees;
    leaked += search.tree.nodes.filter(({ inFlight, pending }) => inFlight + pending > 0).length;
  }
  return { workers, parallel, trees, ...rounded(totals), nodesInFlightAtTheEnd: leaked };
}

/** Estimate minus the policy's exact mean reward, on b3d4. */
function biases(label: string, trees: number, changes: Changes, exploration: number) {
  const rows = [32, 64, 128].map((rollouts) => ({
    rollouts,
    visitWeighted: 0,
    leafMean: 0,
    policy: 0,
    squares: 0,
  }));
  for (let seed = 0; seed < trees; seed++) {
    const policy = taskOf('b3d4', seed, changes);
    const truth = policy.value();
    for (const row of rows) {
      const selection = { ...UCB1, exploration };
      const search = new TreeSearch(optionsOf(policy, { maxRollouts: row.rollouts, selection }));
      driveSearch(search, policy);
      const { root } = search.tree;
      const error = policyValue(search.tree, (node) => search.isFull(node)) - truth;
      row.visitWeighted += (root.valueSum / root.visits - truth) / trees;
      row.leafMean += (mean(search.tree.leaves().map(({ maxValue }) => maxValue)) - truth) / trees;
      row.policy += error / trees;
      row.squares += error ** 2 / trees;
    }
  }
  return {
    label,
    trees,
    exploration: Number(exploration.toFixed(3)),
    byRollouts: rows.map(({ rollouts, visitWeighted, leafMean, policy, squares }) => ({
      rollouts,
      ...rounded({ visitWeighted, leafMean, policy, policyRmse: Math.sqrt(squares) }),
      ratio: Number((visitWeighted / Math.abs(policy)).toFixed(1)),
    })),
  };
}

/** Trees small enough to know everything about, searched to their end: errors of the value and of what is proven. */
function enumerable(branching: number, depth: number, trees: number) {
  let [exactMeanError, exactMaxError] = [0, 0];
  for (let seed = 0; seed < trees; seed++) {
    const task = { branching, depth, rightShare: 0.6, ...COMMON, confidence: 0, seed };
    const policy = new SimulatedPolicy(task);
    const truth = policy.value();
    const search = new TreeSearch(optionsOf(policy, { maxRollouts: 10 * branching ** depth }));
    driveSearch(search, policy);
    const error = Math.abs(policyValue(search.tree, (node) => search.isFull(node)) - truth);
    exactMeanError = Math.max(exactMeanError, error);
    exactMaxError = Math.max(exactMaxError, Math.abs(search.tree.root.provenValue! - (truth > 0 ? 1 : 0)));
  }
  return { branching, depth, trees, ...rounded({ exactMeanError, exactMaxError }) };
}

/** Prefill of 64 rollouts on b4d6, prompt of 40 tokens, with and without shared prefixes. */
function prefill(maxTokens: number, trees: number) {
  const totals = { asked: 0, prefilled: 0, evicted: 0 };
  let [open, steps] = [0, 0];
  for (let seed = 0; seed < trees; seed++) {
    const policy = taskOf('b4d6', seed, {});
    const search = new TreeSearch(optionsOf(policy, { maxRollouts: 64 }));
    const cache = new PrefixCache(maxTokens);
    const prompt = new Int32Array(40).fill(1000);
    driveSearch(search, {
      continuation(ticket) {
        const prefix = [...prompt, ...ticket.prefixTokens];
        const lease = cache.open(Int32Array.from(prefix));
        const result = policy.continuation(ticket);
        cache.close(
          lease,
          Int32Array.from([...prefix, ...result.steps.flatMap(({ tokens }) => [...tokens])]),
        );
        return result;
      },
    });
    totals.asked += cache.counts.asked;
    totals.prefilled += cache.counts.prefilled;
    totals.evicted += cache.counts.evicted;
    open += cache.references;
    steps += cache.size;
  }
  return {
    cacheTokens: Number.isFinite(maxTokens) ? maxTokens : 'unbounded',
    prefillWithoutCache: Math.round(totals.asked / trees),
    prefillWithCache: Math.round(totals.prefilled / trees),
    share: Number((totals.prefilled / totals.asked).toFixed(3)),
    heldAtTheEnd: Math.round(steps / trees),
    referencesAtTheEnd: open,
  };
}

function rounded<K extends string>(values: Readonly<Record<K, number>>): Record<K, number> {
  const pairs = Object.entries<number>(values).map(([key, value]) => [key, Number(value.toFixed(3))]);
  return Object.fromEntries(pairs) as Record<K, number>;
}
