/**
 * Tree search with the policy in models/nano on held-out problems that can be checked, at equal generated tokens: with the verifier as its
 * guide beside pass@N (somebody knows which completion is right), and without it beside a majority vote.
 *
 * The same seed gives the same numbers. Trees begin with the very completions that the independent samples begin with, which makes the
 * paired differences tighter and favours neither.
 */

import { heldOutProblems } from '../dist/evaluation/problems.js';
import { readPolicy } from '../dist/model/policy-files.js';
import { loadTokenizer } from '../dist/model/tokenizer.js';
import { Random } from '../dist/random.js';
import { isOpen } from '../dist/rewards/open/open-answer.js';
import { parseCompletion } from '../dist/rewards/parse.js';
import { scoreBatch } from '../dist/rewards/rewards.js';
import { createPolicyText } from '../dist/sampling/policy-text.js';
import { Sampler } from '../dist/sampling/sampler.js';
import { OrderedSearch } from '../dist/techniques/search/ordered-search.js';
import { pathWeights } from '../dist/techniques/search/policy-value.js';
import { scoreContinuations, textsOf } from '../dist/techniques/search/sampled-continuations.js';
import { TreeSearch } from '../dist/techniques/search/search.js';
import { openRuntime } from '../dist/tensor/device.js';
import { PrefixCache } from '../lab/search/prefix-cache.js';
import { bestPath } from '../lab/search/result.js';

const MODEL = 'models/nano';
const PROBLEMS = 150;
const BUDGETS = [4, 8, 16];
/** Independent completions of each problem: more than a tree's tokens pay for. */
const SAMPLES = 20;
const MAX_TOKENS = 224;
const TEMPERATURE = 1;
const SEED = 11;
const SLOTS = 64;
const TREES_AT_ONCE = 24;
const WORKERS = 4;
const SEARCHES = [
  { guide: 'verifier', width: 4 },
  { guide: 'verifier', width: 8 },
  { guide: 'agreement', width: 4 },
];
const RULES = { answer: { weight: 1, kind: 'outcome' } };
const RESAMPLES = 2000;

export async function benchTreePolicy() {
  const policy = readPolicy(MODEL);
  const tokenizer = loadTokenizer(MODEL);
  const text = createPolicyText(tokenizer);
  const { maxPositions } = policy.config;
  const problems = heldOutProblems(10 * PROBLEMS)
    .filter((problem) => !isOpen(problem))
    .map((problem) => ({ ...problem, prompt: text.encodePrompt(problem.question) }))
    .filter(({ prompt }) => prompt.length + MAX_TOKENS <= maxPositions)
    .slice(0, PROBLEMS)
    .map((problem, index) => ({ ...problem, index }));
  const longest = Math.max(...problems.map(({ prompt }) => prompt.length));
  const sampler = new Sampler({
    runtime: await openRuntime('auto', 2),
    ...policy,
    slots: SLOTS,
    capacity: Math.min(maxPositions, longest + MAX_TOKENS),
    stopTokens: tokenizer.eosIds,
  });
  const start = performance.now();
  const greedy = sampleIndependent(sampler, problems, text, 1, 0);
  const samples = sampleIndependent(sampler, problems, text, SAMPLES, TEMPERATURE);
  const searches = SEARCHES.map((setting) => {
    sampler.useWeights(policy.weights); // forgets the prompts that were sampled before
    const computed = () => sampler.counters.prefilledTokens + sampler.counters.replayedTokens;
    const before = computed();
    const trees = growTrees(sampler, problems, text, setting);
    return { ...setting, trees, computed: computed() - before };
  });
  const seconds = (performance.now() - start) / 1000;
  sampler.release();

  const byBudget = BUDGETS.map((rollouts) => compare({ rollouts, greedy, samples, searches }));
  return {
    setting: {
      ...{
        model: MODEL,
        problems: problems.length,
        maxTokens: MAX_TOKENS,
        temperature: TEMPERATURE,
        seed: SEED,
      },
      ...{ workers: WORKERS, seconds: Number(seconds.toFixed(1)) },
    },
    byBudget,
    prefill: searches.map(prefillOf),
    rows: byBudget.flatMap(({ rollouts, methods }) => methods.map((method) => markdownRow(rollouts, method))),
  };
}

// ---- completions ----------------------------------------------------------------------------------------------------

/** Completions of each problem: answer, whether it is right, tokens. */
function sampleIndependent(sampler, problems, text, sampleCount, temperature) {
  const results = problems.map(() => null);
  const waiting = [...problems];
  while (waiting.length > 0 || sampler.load > 0) {
    while (waiting.length > 0 && sampler.load < 2 * SLOTS) {
      const { index, prompt } = waiting.shift();
      submit(sampler, { requestId: String(index), index, promptTokens: prompt, sampleCount, temperature });
    }
    for (const sampled of sampler.step()) {
      const index = Number(sampled.requestId);
      const texts = textsOf({ prefixTokens: new Int32Array(0), sampleCount }, sampled, text.decode);
      const rewards = rewardsOf(problems[index], texts);
      results[index] = texts.map((each, i) => ({
        answer: readAnswer(each),
        isRight: rewards.values[i] === 1,
        tokens: sampled.lengths[i],
      }));
    }
  }
  return results;
}

function submit(sampler, { index, stream = 0, maxTokens = MAX_TOKENS, ...request }) {
  const key = { seed: SEED, update: 0, promptIndex: index, stream };
  sampler.submit({ topK: 0, topP: 1, maxTokens, ...key, ...request });
}

const readAnswer = (completion) => parseCompletion(completion).answer?.trim() || null;

function rewardsOf(problem, texts) {
  const { names, values, scored } = scoreBatch(texts.map((completion) => ({ ...problem, completion })));
  const row = names.indexOf('answer') * texts.length;
  return { names: ['answer'], values: values.subarray(row, row + texts.length), scored };
}

// ---- trees ----------------------------------------------------------------------------------------------------------

/** One tree a problem, and what it held after each budget. */
function growTrees(sampler, problems, text, setting) {
  const results = [];
  const waiting = [...problems];
  const growing = new Map();
  while (waiting.length > 0 || growing.size > 0) {
    while (waiting.length > 0 && growing.size < TREES_AT_ONCE) {
      const tree = beginTree(waiting.shift(), setting);
      growing.set(tree.problem.index, tree);
      request(sampler, tree);
    }
    for (const sampled of sampler.step()) {
      const [index, stream] = sampled.requestId.split('/').map(Number);
      const tree = growing.get(index);
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

function beginTree(problem, { guide, width }) {
  const search = new TreeSearch({
    ...{ seed: SEED, width, maxRollouts: BUDGETS.at(-1), maxTokens: BUDGETS.at(-1) * MAX_TOKENS },
    ...{
      maxCompletionTokens: MAX_TOKENS,
      selection: { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' },
    },
  });
  return {
    ...{ problem, guide, ordered: new OrderedSearch(search, WORKERS) },
    ...{
      open: new Map(),
      cache: new PrefixCache(),
      asked: 0,
      requests: 0,
      votes: new Map(),
      states: [],
    },
  };
}

function request(sampler, tree) {
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

function takeIn(tree, stream, sampled, text) {
  const { problem, guide, ordered, open, cache, votes } = tree;
  const asked = open.get(stream);
  open.delete(stream);
  const texts = textsOf(asked, sampled, text.decode);
  const options = { decode: text.decode, readAnswer, rules: RULES };
  const continuations = scoreContinuations(asked, sampled, texts, rewardsOf(problem, texts), options);
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
          reward: (votes.get(each.ending.answer) ?? 0) / Math.max(1, heard),
        }));
  ordered.accept(stream, guided);
  note(tree, ordered.search.counts.rollouts);
}

/** Writes down what the tree holds when a budget is used up. */
function note(tree, rollouts) {
  const { ordered, states } = tree;
  const { search, rewardsOf: rewards } = ordered;
  while (states.length < BUDGETS.length && rollouts >= BUDGETS[states.length]) {
    const weights = pathWeights(search.tree);
    const leaves = search.tree.leaves();
    const rightOf = (leaf) => leaf !== undefined && leaf.ending !== null && rewards.get(leaf.id)[0] === 1;
    const voted = (weightOf) => mostVoted(leaves, ({ ending }) => ending.answer, weightOf);
    states.push({
      tokens: search.counts.tokens,
      // Of all rollouts, those included whose last steps the tree did not keep; only where rewards guide.
      anyRight: search.tree.root.maxValue === 1,
      byRollouts: rightOf(voted(({ visits }) => visits)),
      byPolicyWeight: rightOf(voted(({ id }) => weights[id])),
      mostVisited: rightOf(bestPath(search.tree, 2).at(-1)),
    });
  }
}

/** The first item of the answer with the largest weight; items without an answer have no vote. */
function mostVoted(items, answerOf, weightOf) {
  const totals = new Map();
  for (const item of items) {
    const answer = answerOf(item);
    if (answer !== null) totals.set(answer, (totals.get(answer) ?? 0) + weightOf(item));
  }
  const largest = Math.max(...totals.values());
  return items.find((item) => totals.get(answerOf(item)) === largest);
}

// ---- comparison -----------------------------------------------------------------------------------------------------

/** Accuracy of every method at one budget, and the paired difference to its baseline at equal tokens. */
function compare({ rollouts, greedy, samples, searches }) {
  const budget = BUDGETS.indexOf(rollouts);
  const methods = [
    {
      method: 'greedy',
      right: greedy.map(([one]) => one.isRight),
      tokens: meanOf(greedy.map(([one]) => one.tokens)),
    },
    sampledMethod(`pass@${rollouts}`, samples, () => rollouts, passes),
    sampledMethod(`majority of ${rollouts}`, samples, () => rollouts, majority),
  ];
  for (const { guide, width, trees } of searches) {
    const states = trees.map(({ states }) => states[budget]);
    const tokens = meanOf(states.map((state) => state.tokens));
    const name = `tree, ${guide}, width ${width}`;
    const [decide, label, picks] =
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
      (index) => withinTokens(samples[index], states[index].tokens),
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
      accuracy: rounded(meanOf(right)),
      tokens: Math.round(tokens),
      ...(baseline ? { gain: pairedGain(right, baseline.right) } : {}),
    })),
  };
}

function sampledMethod(method, samples, countOf, decide) {
  const taken = samples.map((each, index) => each.slice(0, countOf(index)));
  const tokens = meanOf(taken.map((each) => each.reduce((sum, one) => sum + one.tokens, 0)));
  return { method, right: taken.map(decide), tokens };
}

const passes = (completions) => completions.some(({ isRight }) => isRight);
const majority = (completions) =>
  mostVoted(
    completions,
    ({ answer }) => answer,
    () => 1,
  )?.isRight ?? false;

/** How many completions, at least one, come nearest to as many tokens. */
function withinTokens(completions, tokens) {
  let [spent, count] = [completions[0].tokens, 1];
  while (count < completions.length && spent + completions[count].tokens / 2 < tokens)
    spent += completions[count++].tokens;
  return count;
}

/** Mean difference of two methods on the same problems, with a bootstrapped 95 % interval. */
function pairedGain(right, baseline) {
  const differences = right.map((flag, i) => Number(flag) - Number(baseline[i]));
  const random = new Random(SEED, 'bootstrap');
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(differences.map(() => differences[random.integer(0, differences.length - 1)])),
  ).sort((a, b) => a - b);
  const at = (share) => rounded(means[Math.floor(share * (RESAMPLES - 1))]);
  return { mean: rounded(meanOf(differences)), low: at(0.025), high: at(0.975) };
}

/** Prompt and prefix tokens a tree: as asked for, as the sampler prefilled them or decoded them again, and were every shared prefix kept. */
function prefillOf({ guide, width, trees, computed }) {
  const mean = (of) => Math.round(meanOf(trees.map(of)));
  return {
    ...{ guide, width, prompt: mean(({ problem }) => problem.prompt.length) },
    ...{
      requests: rounded(meanOf(trees.map(({ requests }) => requests))),
      asked: mean(({ asked }) => asked),
    },
    bySampler: Math.round(computed / trees.length),
    // Tokens behind a step that says the same as a sibling in other tokens: paid for, not kept.
    discarded: mean(({ ordered }) => ordered.search.counts.discardedTokens),
    withPrefixCache: mean(({ cache }) => cache.counts.prefilled),
    sampled: mean(({ ordered }) => ordered.search.counts.tokens),
  };
}

function markdownRow(rollouts, { method, accuracy, tokens, gain }) {
  const points = (share) => `${share >= 0 ? '+' : '−'}${Math.abs(100 * share).toFixed(1)}`;
  const shown = gain ? `${points(gain.mean)} (${points(gain.low)} to ${points(gain.high)})` : '';
  return `| ${rollouts} | ${method} | ${(100 * accuracy).toFixed(1)} % | ${tokens} | ${shown} |`;
}

const meanOf = (values) => values.reduce((sum, value) => sum + Number(value), 0) / values.length;
const rounded = (value) => Number(value.toFixed(4));
