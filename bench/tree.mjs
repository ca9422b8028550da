/**
 * Tree search on simulated tasks (src/actors/search/simulated-policy.ts), where the truth is known: against sampling at equal rollouts, with
 * several searchers, its value estimates, small trees that can be enumerated, a bandit, and the prefill it needs; then with a real policy
 * (tree-policy.mjs). `-- tree simulated` and `-- tree policy` run one part only.
 * Every number is a function of the seeds below.
 */

import { Random } from '../dist/random.js';
import { policyValue, visitWeightedValue } from '../dist/techniques/search/policy-value.js';
import { TreeSearch } from '../dist/techniques/search/search.js';
import { driveSearch } from '../lab/search/drive.js';
import { PrefixCache } from '../lab/search/prefix-cache.js';
import { bestPath } from '../lab/search/result.js';
import { SimulatedPolicy } from '../lab/search/simulated-policy.js';
import { provenance } from './kit.mjs';
import { benchTreePolicy } from './tree-policy.mjs';

const BUDGETS = [8, 16, 32, 64, 128, 256];
const FIXTURES = {
  b3d4: { branching: 3, depth: 4, rightShare: 0.6 },
  b3d6: { branching: 3, depth: 6, rightShare: 0.6 },
  b4d6: { branching: 4, depth: 6, rightShare: 0.5 },
};
const COMMON = { skill: 0, confidence: 1.5, tokensPerStep: 12, distinct: true };
const UCB1 = { formula: 'ucb1', exploration: Math.SQRT2, parallel: 'wu-uct' };

export async function benchTree(part = process.argv[3]) {
  return {
    ...provenance('npm run bench -- tree'),
    benchmark: 'tree',
    ...(part === 'policy' ? {} : { simulated: simulatedTasks() }),
    ...(part === 'simulated' ? {} : { policy: await benchTreePolicy() }),
  };
}

function simulatedTasks() {
  return {
    searchAgainstSampling: Object.keys(FIXTURES).flatMap((name) => [
      againstSampling(name, 1000, {}),
      againstSampling(name, 400, { confidence: 0 }),
      againstSampling(name, 200, { distinct: false }),
    ]),
    atEightRollouts: Object.keys(FIXTURES).map((name) => atEightRollouts(name, 4000)),
    workers: ['none', 'virtual-loss', 'wu-uct'].flatMap((parallel) =>
      [1, 8, 16].map((workers) => withWorkers(workers, parallel, 300)),
    ),
    policyValue: [
      biases('uniform policy, distinct draws', 3000, { confidence: 0 }, Math.SQRT2),
      biases('the same, C = 0.5', 500, { confidence: 0 }, 0.5),
      biases('confident policy, repeated draws', 500, { distinct: false }, Math.SQRT2),
    ],
    smallTrees: [2, 3].flatMap((branching) => [2, 3, 4].map((depth) => enumerable(branching, depth, 200))),
    bandit: [bandit([0.5, 0.3], 20), bandit([0.5, 0.3, 0.3, 0.3], 20)],
    prefill: [prefill(Number.POSITIVE_INFINITY), prefill(1024), prefill(512), prefill(256)],
  };
}

function taskOf(name, seed, changes) {
  return new SimulatedPolicy({ ...FIXTURES[name], ...COMMON, ...changes, seed });
}

function optionsOf({ task }, changes) {
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
function againstSampling(name, trees, changes) {
  const largest = BUDGETS.at(-1);
  const shares = BUDGETS.map((rollouts) => ({
    rollouts,
    search: 0,
    bestOfN: 0,
    atEqualTokens: 0,
    searchTokens: 0,
  }));
  let [greedy, mean] = [0, 0];
  let done = 0;
  for (let seed = 0; done < trees; seed++) {
    const policy = taskOf(name, seed, changes);
    const value = policy.value();
    if (value === 0) continue;
    done++;
    mean += value / trees;
    greedy += policy.greedy() / trees;
    const { found, tokens } = searchUntil(policy, largest);
    let independent = 0;
    while (independent < largest && policy.sample(independent) === 0) independent++;
    const completionTokens = policy.task.depth * policy.task.tokensPerStep;
    for (const share of shares) {
      const spent = tokens[Math.min(share.rollouts, tokens.length - 1)];
      share.search += (found <= share.rollouts) / trees;
      share.bestOfN += (independent < share.rollouts) / trees;
      share.atEqualTokens += (independent < Math.round(spent / completionTokens)) / trees;
      share.searchTokens += spent / trees;
    }
  }
  const { confidence, distinct, depth, tokensPerStep } = taskOf(name, 0, changes).task;
  return {
    ...{ fixture: name, confidence, distinct, trees },
    ...rounded({ greedy, policyMean: mean }),
    byRollouts: shares.map((share) => ({
      ...rounded({ ...share, gain: share.search - share.bestOfN }),
      searchTokens: Math.round(share.searchTokens),
      bestOfNTokens: share.rollouts * depth * tokensPerStep,
    })),
  };
}

/** A small budget on wide trees, where a search could only lose; all trees, with a paired 95 % interval. */
function atEightRollouts(name, trees) {
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
function searchUntil(policy, maxRollouts) {
  const tokens = [0];
  let found = Number.POSITIVE_INFINITY;
  driveSearch(new TreeSearch(optionsOf(policy, { maxRollouts })), {
    continuation(ticket) {
      const result = policy.continuation(ticket);
      tokens.push(tokens.at(-1) + result.steps.reduce((sum, step) => sum + step.tokens.length, 0));
      if (result.reward === 1) found = Math.min(found, tokens.length - 1);
      return result;
    },
  });
  return { found, tokens };
}

/** 64 rollouts on b3d4 by several searchers; endings are scored again as in plain MCTS, so that visits decide. */
function withWorkers(workers, parallel, trees) {
  const totals = { anyCorrect: 0, final: 0, duplicates: 0, leaves: 0 };
  let leaked = 0;
  for (let seed = 0; seed < trees; seed++) {
    const policy = taskOf('b3d4', seed, {});
    const search = new TreeSearch(
      optionsOf(policy, { maxRollouts: 64, exact: false, selection: { ...UCB1, parallel } }),
    );
    const underWay = new Map();
    driveSearch(watched(search, underWay, totals), policy, workers);
    totals.anyCorrect += search.tree.root.maxValue / trees;
    totals.final += bestPath(search.tree, 1).at(-1).maxValue / trees;
    totals.leaves += search.tree.leaves().length / trees;
    leaked += search.tree.nodes.filter(({ inFlight, pending }) => inFlight + pending > 0).length;
  }
  totals.duplicates /= trees * 64;
  return { workers, parallel, trees, ...rounded(totals), nodesInFlightAtTheEnd: leaked };
}

/** Counts tickets for work that another ticket is already doing. */
function watched(search, underWay, totals) {
  const keys = new Map();
  const release = (ticketId) => {
    const key = keys.get(ticketId);
    underWay.set(key, underWay.get(key) - 1);
  };
  return {
    tree: search.tree,
    next() {
      const work = search.next();
      if (work.kind !== 'ticket') return work;
      const { ticketId, kind, nodeId, draw } = work.ticket;
      const key = `${kind}/${nodeId}/${draw}`;
      if (underWay.get(key) > 0) totals.duplicates++;
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      keys.set(ticketId, key);
      return work;
    },
    complete(ticketId, result) {
      release(ticketId);
      return search.complete(ticketId, result);
    },
    rescore(ticketId, reward) {
      release(ticketId);
      return search.rescore(ticketId, reward);
    },
    cancel: (ticketId, reason) => search.cancel(ticketId, reason),
  };
}

/** Estimate minus the policy's exact mean reward, on b3d4. */
function biases(label, trees, changes, exploration) {
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
    let from;
    for (const row of rows) {
      const selection = { ...UCB1, exploration };
      const options = optionsOf(policy, { maxRollouts: row.rollouts, exact: false, selection });
      const search = new TreeSearch(options, from);
      driveSearch(search, policy);
      from = { tree: search.tree, counts: search.counts, nextTicket: search.nextTicket };
      const leaves = search.tree.leaves();
      const error = policyValue(search.tree, (node) => search.isFull(node)) - truth;
      row.visitWeighted += (visitWeightedValue(search.tree) - truth) / trees;
      row.leafMean +=
        (leaves.reduce((sum, { maxValue }) => sum + maxValue, 0) / leaves.length - truth) / trees;
      row.policy += error / trees;
      row.squares += error ** 2 / trees;
    }
  }
  return {
    ...{ label, trees, exploration: Number(exploration.toFixed(3)) },
    byRollouts: rows.map(({ rollouts, visitWeighted, leafMean, policy, squares }) => ({
      rollouts,
      ...rounded({ visitWeighted, leafMean, policy, policyRmse: Math.sqrt(squares) }),
      ratio: Number((visitWeighted / Math.abs(policy)).toFixed(1)),
    })),
  };
}

/** Trees small enough to know everything about, at 10 rollouts a leaf: as plain MCTS, and with an exact scorer. */
function enumerable(branching, depth, trees) {
  let [optimal, solvable, meanError, exactMeanError, exactMaxError] = [0, 0, 0, 0, 0];
  for (let seed = 0; seed < trees; seed++) {
    const task = { branching, depth, rightShare: 0.6, ...COMMON, confidence: 0, seed };
    const policy = new SimulatedPolicy(task);
    const truth = policy.value();
    const maxRollouts = 10 * branching ** depth;
    const errorOf = (search) => Math.abs(policyValue(search.tree, (node) => search.isFull(node)) - truth);
    const plain = new TreeSearch(optionsOf(policy, { maxRollouts, exact: false }));
    driveSearch(plain, policy);
    const exact = new TreeSearch(optionsOf(policy, { maxRollouts }));
    driveSearch(exact, policy);
    meanError += errorOf(plain) / trees;
    exactMeanError = Math.max(exactMeanError, errorOf(exact));
    exactMaxError = Math.max(exactMaxError, Math.abs(exact.tree.root.outcome - (truth > 0 ? 1 : 0)));
    if (truth === 0) continue;
    solvable++;
    optimal += bestPath(plain.tree, 1).at(-1).maxValue;
  }
  const shares = { mostVisitedIsOptimal: optimal / solvable, meanError, exactMeanError, exactMaxError };
  return { branching, depth, trees, ...rounded(shares) };
}

/** UCB1 on one level: pulls of the best arm, and regret by pulls, with the bound Σ 8 ln n / Δ of Auer et al. */
function bandit(means, seeds) {
  const checkpoints = [100, 1000, 10_000];
  const rows = checkpoints.map((pulls) => ({ pulls, regret: 0, bestShare: 0 }));
  const best = Math.max(...means);
  const gaps = means.filter((mean) => mean < best).map((mean) => best - mean);
  for (let seed = 0; seed < seeds; seed++) {
    const random = new Random(seed, 'bandit');
    const pull = (arm) => (random.uniform() < means[arm] ? 1 : 0);
    let from;
    for (const row of rows) {
      const options = { width: means.length, maxDraws: means.length, maxRollouts: row.pulls, exact: false };
      const search = new TreeSearch({ ...options, selection: UCB1 }, from);
      driveSearch(search, {
        continuation: ({ draw }) => ({ ...armOf(draw), reward: pull(draw) }),
        rescore: ({ nodeId }) => pull(Number(search.tree.node(nodeId).ending.answer)),
      });
      from = { tree: search.tree, counts: search.counts, nextTicket: search.nextTicket };
      for (const { ending, visits } of search.tree.leaves()) {
        const gap = best - means[Number(ending.answer)];
        row.regret += (gap * visits) / seeds;
        if (gap === 0) row.bestShare += visits / row.pulls / seeds;
      }
    }
  }
  return {
    means,
    seeds,
    byPulls: rows.map((row) => ({
      ...rounded(row),
      bound: Number(gaps.reduce((sum, gap) => sum + (8 * Math.log(row.pulls)) / gap, 0).toFixed(1)),
    })),
  };
}

function armOf(arm) {
  const empty = new Float32Array(1);
  return {
    steps: [{ text: `arm ${arm}`, tokens: Int32Array.of(arm), logProbs: empty, supportLogMass: empty }],
    ending: { answer: String(arm), answerClass: String(arm), stopped: true },
  };
}

/** Prefill of 64 rollouts on b4d6, prompt of 40 tokens, with and without shared prefixes. */
function prefill(maxTokens) {
  const trees = 50;
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
    for (const key of Object.keys(totals)) totals[key] += cache.counts[key];
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

function rounded(values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.toFixed(3))]));
}
