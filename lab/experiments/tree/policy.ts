/**
 * Tree search with the policy in models/nano on held-out problems that can be checked, at equal generated tokens: with the verifier as its
 * guide beside pass@N (somebody knows which completion is right), and without it beside a majority vote.
 *
 * The same seed gives the same numbers. Trees begin with the very completions that the independent samples begin with, which makes the
 * paired differences tighter and favours neither.
 */

import { join } from 'node:path';
import { heldOutProblems } from '../../../src/evaluation/problems.js';
import { readPolicy } from '../../../src/model/policy-files.js';
import { loadTokenizer } from '../../../src/model/tokenizer.js';
import { packageRoot } from '../../../src/package-info.js';
import type { Rewards } from '../../../src/protocol/index.js';
import { isOpen } from '../../../src/rewards/open/open-answer.js';
import { parseCompletion } from '../../../src/rewards/parse.js';
import { scoreBatch } from '../../../src/rewards/rewards.js';
import { textsOf } from '../../../src/rollout/completions.js';
import { createPolicyText, type PolicyText } from '../../../src/sampling/policy-text.js';
import { type SampledCompletions, Sampler, type SamplingRequest } from '../../../src/sampling/sampler.js';
import { type ContinuationRequest, OrderedSearch } from '../../../src/techniques/search/ordered-search.js';
import { pathWeights } from '../../../src/techniques/search/policy-value.js';
import { scoreContinuations } from '../../../src/techniques/search/sampled-continuations.js';
import { TreeSearch } from '../../../src/techniques/search/search.js';
import type { TreeNode } from '../../../src/techniques/search/tree.js';
import { openRuntime } from '../../../src/tensor/device.js';
import { bestPath } from '../../search/best-path.js';
import { PrefixCache } from '../../search/prefix-cache.js';
import { type Completion, compare, markdownRow, mostVoted, SEED, type TreeState } from './comparison.js';
import { mean as meanOf, rounded } from './numbers.js';

const MODEL = 'models/nano';
const BUDGETS = [4, 8, 16];
const LARGEST_BUDGET = 16;
const MAX_TOKENS = 224;
const TEMPERATURE = 1;
const TREES_AT_ONCE = 24;
/** Requests handed to the sampler at once. */
const MAX_LOAD = 128;
const WORKERS = 4;
const SEARCHES = [
  { guide: 'verifier', width: 4 },
  { guide: 'verifier', width: 8 },
  { guide: 'agreement', width: 4 },
];
const RULES = { answer: { weight: 1, kind: 'outcome' } } as const;

export interface TreePolicyExperiment {
  readonly problems: number;
  /** Independent completions of each problem: more than a tree's tokens pay for. */
  readonly samples: number;
  /** Sequences that are decoded at once. */
  readonly slots: number;
}

const DEFAULTS: TreePolicyExperiment = { problems: 150, samples: 20, slots: 64 };

type CheckableProblem = ReturnType<typeof heldOutProblems>[number] & {
  readonly prompt: Int32Array;
  readonly index: number;
};

/** Independent completions of a request, before it is sampled. */
type Ask = Pick<SamplingRequest, 'requestId' | 'promptTokens' | 'sampleCount' | 'temperature'> &
  Partial<SamplingRequest> & { readonly index: number };

export async function main(options: Partial<TreePolicyExperiment> = {}) {
  const { problems: problemCount, samples: sampleCount, slots } = { ...DEFAULTS, ...options };
  const directory = join(packageRoot, MODEL);
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const text = createPolicyText(tokenizer);
  const { maxPositions } = policy.config;
  const problems = heldOutProblems(10 * problemCount)
    .filter((problem) => !isOpen(problem))
    .map((problem) => ({ ...problem, prompt: text.encodePrompt(problem.question) }))
    .filter(({ prompt }) => prompt.length + MAX_TOKENS <= maxPositions)
    .slice(0, problemCount)
    .map((problem, index): CheckableProblem => ({ ...problem, index }));
  const longest = Math.max(...problems.map(({ prompt }) => prompt.length));
  const sampler = new Sampler({
    runtime: await openRuntime('auto', 2),
    ...policy,
    slots,
    capacity: Math.min(maxPositions, longest + MAX_TOKENS),
    stopTokens: tokenizer.eosIds,
  });
  const start = performance.now();
  const greedy = sampleIndependent(sampler, problems, text, 1, 0);
  const samples = sampleIndependent(sampler, problems, text, sampleCount, TEMPERATURE);
  const searches = SEARCHES.map((setting) => {
    sampler.useWeights(policy.weights); // forgets the prompts that were sampled before
    const computed = (): number => sampler.counters.prefilledTokens + sampler.counters.replayedTokens;
    const before = computed();
    const trees = growTrees(sampler, problems, text, setting);
    return { ...setting, trees, computed: computed() - before };
  });
  const seconds = (performance.now() - start) / 1000;
  sampler.release();

  const states = searches.map(({ guide, width, trees }) => ({
    guide,
    width,
    trees: trees.map((tree) => tree.states),
  }));
  const byBudget = BUDGETS.map((rollouts, budget) =>
    compare({ rollouts, budget, greedy, samples, searches: states }),
  );
  return {
    setting: {
      model: MODEL,
      problems: problems.length,
      maxTokens: MAX_TOKENS,
      temperature: TEMPERATURE,
      seed: SEED,
      workers: WORKERS,
      seconds: Number(seconds.toFixed(1)),
    },
    byBudget,
    prefill: searches.map(prefillOf),
    rows: byBudget.flatMap(({ rollouts, methods }) => methods.map((method) => markdownRow(rollouts, method))),
  };
}

// ---- completions ----------------------------------------------------------------------------------------------------

/** Completions of each problem: answer, whether it is right, tokens. */
function sampleIndependent(
  sampler: Sampler,
  problems: readonly CheckableProblem[],
  text: PolicyText,
  sampleCount: number,
  temperature: number,
): (readonly Completion[])[] {
  const results: (readonly Completion[])[] = [];
  const waiting = [...problems];
  while (waiting.length > 0 || sampler.load > 0) {
    while (waiting.length > 0 && sampler.load < MAX_LOAD) {
      const { index, prompt } = waiting.shift()!;
      submit(sampler, { requestId: String(index), index, promptTokens: prompt, sampleCount, temperature });
    }
    for (const sampled of sampler.step()) {
      const index = Number(sampled.requestId);
      const texts = textsOf({ prefixTokens: new Int32Array(0), sampleCount }, sampled, text.decode);
      const rewards = rewardsOf(problems[index]!, texts);
      results[index] = texts.map((each, i) => ({
        answer: readAnswer(each),
        isRight: rewards.values[i] === 1,
        tokens: sampled.lengths[i]!,
      }));
    }
  }
  return results;
}

function submit(sampler: Sampler, { index, stream = 0, maxTokens = MAX_TOKENS, ...request }: Ask): void {
  const key = { seed: SEED, update: 0, promptIndex: index, stream };
  sampler.submit({ topK: 0, topP: 1, maxTokens, ...key, ...request });
}

const readAnswer = (completion: string): string | null => parseCompletion(completion).answer?.trim() || null;

function rewardsOf(problem: CheckableProblem, texts: readonly string[]): Rewards {
  const { names, values, scored } = scoreBatch(texts.map((completion) => ({ ...problem, completion })));
  const row = names.indexOf('answer') * texts.length;
  return { names: ['answer'], values: values.subarray(row, row + texts.length), scored };
}

type Setting = (typeof SEARCHES)[number];

interface GrowingTree {
  readonly problem: CheckableProblem;
  readonly guide: string;
  readonly ordered: OrderedSearch;
  /** Requests under way, by stream. */
  readonly open: Map<
    number,
    Pick<ContinuationRequest, 'prefixTokens' | 'sampleCount'> & { context: Int32Array; lease: number }
  >;
  readonly cache: PrefixCache;
  /** Tokens of all contexts. */
  asked: number;
  requests: number;
  readonly votes: Map<string, number>;
  readonly states: TreeState[];
}

// ---- trees ----------------------------------------------------------------------------------------------------------

/** One tree a problem, and what it held after each budget. */
function growTrees(
  sampler: Sampler,
  problems: readonly CheckableProblem[],
  text: PolicyText,
  setting: Setting,
): GrowingTree[] {
  const results: GrowingTree[] = [];
  const waiting = [...problems];
  const growing = new Map<number, GrowingTree>();
  while (waiting.length > 0 || growing.size > 0) {
    while (waiting.length > 0 && growing.size < TREES_AT_ONCE) {
      const tree = beginTree(waiting.shift()!, setting);
      growing.set(tree.problem.index, tree);
      request(sampler, tree);
    }
    for (const sampled of sampler.step()) {
      const [index, stream] = sampled.requestId.split('/').map(Number) as [number, number];
      const tree = growing.get(index)!;
      takeIn(tree, stream, sampled, text);
      request(sampler, tree);
      if (tree.ordered.reason === null) continue;
      note(tree, Number.POSITIVE_INFINITY);
      growing.delete(index);
      results[index] = tree;
    }
  }
  return results;
}

function beginTree(problem: CheckableProblem, { guide, width }: Setting): GrowingTree {
  const search = new TreeSearch({
    seed: SEED,
    width,
    maxRollouts: LARGEST_BUDGET,
    maxTokens: LARGEST_BUDGET * MAX_TOKENS,
    maxCompletionTokens: MAX_TOKENS,
    selection: { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' },
  });
  return {
    problem,
    guide,
    ordered: new OrderedSearch(search, WORKERS),
    open: new Map(),
    cache: new PrefixCache(),
    asked: 0,
    requests: 0,
    votes: new Map(),
    states: [],
  };
}

function request(sampler: Sampler, tree: GrowingTree): void {
  const { problem, ordered, open, cache } = tree;
  for (const { stream, prefixTokens, maxTokens, sampleCount } of ordered.takeRequests()) {
    const context = Int32Array.from([...problem.prompt, ...prefixTokens]);
    tree.requests++;
    tree.asked += context.length;
    const lease = cache.open(context);
    open.set(stream, { prefixTokens, context, sampleCount, lease });
    const requestId = `${problem.index}/${stream}`;
    const { index } = problem;
    submit(sampler, {
      requestId,
      index,
      stream,
      promptTokens: problem.prompt,
      prefixTokens,
      keepsCaches: true,
      sampleCount,
      maxTokens,
      temperature: TEMPERATURE,
    });
  }
}

function takeIn(tree: GrowingTree, stream: number, sampled: SampledCompletions, text: PolicyText): void {
  const { problem, guide, ordered, open, cache, votes } = tree;
  const asked = open.get(stream)!;
  open.delete(stream);
  const texts = textsOf(asked, sampled, text.decode);
  const options = { decode: text.decode, readAnswer, rules: RULES };
  const continuations = scoreContinuations(sampled, texts, rewardsOf(problem, texts), options);
  continuations.forEach(({ steps }, i) => {
    const tokens = steps.flatMap((step) => [...step.tokens]);
    const whole = Int32Array.from([...asked.context, ...tokens]);
    cache.close(i === 0 ? asked.lease : cache.open(asked.context), whole);
  });
  for (const { ending } of continuations)
    if (ending.answer !== null) votes.set(ending.answer, (votes.get(ending.answer) ?? 0) + 1);
  const heard = [...votes.values()].reduce((sum, count) => sum + count, 0);
  // Without the verifier a completion is worth the share of answers that agree with it.
  const guided =
    guide === 'verifier'
      ? continuations
      : continuations.map((each) => ({
          ...each,
          reward: (votes.get(each.ending.answer ?? '') ?? 0) / Math.max(1, heard),
        }));
  ordered.accept(stream, guided);
  note(tree, ordered.search.counts.rollouts);
}

/** Writes down what the tree holds when a budget is used up. */
function note(tree: GrowingTree, rollouts: number): void {
  const { ordered, states } = tree;
  const { search, rewardsOf: rewards } = ordered;
  while (states.length < BUDGETS.length && rollouts >= BUDGETS[states.length]!) {
    const weights = pathWeights(search.tree);
    const leaves = search.tree.leaves();
    const rightOf = (leaf: TreeNode | undefined): boolean =>
      leaf !== undefined && leaf.ending !== null && rewards.get(leaf.id)![0] === 1;
    const voted = (weightOf: (leaf: TreeNode) => number): TreeNode | undefined =>
      mostVoted(leaves, ({ ending }) => ending!.answer, weightOf);
    states.push({
      tokens: search.counts.tokens,
      // Of all rollouts, those included whose last steps the tree did not keep; only where rewards guide.
      anyRight: search.tree.root.maxValue === 1,
      byRollouts: rightOf(voted(({ visits }) => visits)),
      byPolicyWeight: rightOf(voted(({ id }) => weights[id]!)),
      mostVisited: rightOf(bestPath(search.tree, 2).at(-1)),
    });
  }
}

/** Prompt and prefix tokens a tree: as asked for, as the sampler prefilled them or decoded them again, and were every shared prefix kept. */
function prefillOf({ guide, width, trees, computed }: Setting & { trees: GrowingTree[]; computed: number }) {
  const mean = (of: (tree: GrowingTree) => number): number => Math.round(meanOf(trees.map(of)));
  return {
    guide,
    width,
    prompt: mean(({ problem }) => problem.prompt.length),
    requests: rounded(meanOf(trees.map(({ requests }) => requests))),
    asked: mean(({ asked }) => asked),
    bySampler: Math.round(computed / trees.length),
    // Tokens behind a step that says the same as a sibling in other tokens: paid for, not kept.
    discarded: mean(({ ordered }) => ordered.search.counts.discardedTokens),
    withPrefixCache: mean(({ cache }) => cache.counts.prefilled),
    sampled: mean(({ ordered }) => ordered.search.counts.tokens),
  };
}
