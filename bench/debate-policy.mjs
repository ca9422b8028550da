/** A policy to ask as every role of a debate, whole debates with it, and samples up to a number of tokens. */

import { heldOutProblems } from '../dist/evaluation/problems.js';
import { readPolicy } from '../dist/model/policy-files.js';
import { loadTokenizer } from '../dist/model/tokenizer.js';
import { answersAgree, answersMatch } from '../dist/rewards/answers/answer.js';
import { parseCompletion } from '../dist/rewards/parse.js';
import { createPolicyText } from '../dist/sampling/policy-text.js';
import { Sampler } from '../dist/sampling/sampler.js';
import { plurality } from '../dist/techniques/debate/answers.js';
import { Debate } from '../dist/techniques/debate/debate.js';
import { debateMetrics } from '../dist/techniques/debate/debate-metrics.js';
import { openRuntime } from '../dist/tensor/device.js';

export const ROLES = ['forward', 'backward', 'skeptic', 'synthesizer'];
export const MAX_ROUNDS = 2;
export const TEMPERATURE = 1;
export const MAX_TOKENS = 224;
export const SEED = 1;
const SLOTS = 64;

/** The policy in `directory`; its samples are keyed by `seed`. */
export async function openPolicy(directory, seed = SEED) {
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const runtime = await openRuntime('auto', 2);
  const capacity = policy.config.maxPositions;
  const sampler = new Sampler({ runtime, ...policy, slots: SLOTS, capacity, stopTokens: tokenizer.eosIds });
  return { sampler, capacity, seed, text: createPolicyText(tokenizer), known: new Map() };
}

/** The first held-out problems with an answer that can be checked. */
export function checkableProblems(count) {
  return heldOutProblems(2 * count)
    .filter(({ constraints }) => !constraints)
    .slice(0, count);
}

// ---- asking ---------------------------------------------------------------------------------------------------------

/**
 * Samples what the queue asks for until it is empty and nothing is under way; `done(ask, completions)` may add to the queue.
 * A prompt that leaves no room is answered with unreadable completions of no tokens. What was asked before (the same prompt with the same
 * random numbers, as in debates that begin alike) is not sampled again: it would give the same completions.
 */
function sampleAll({ sampler, capacity, seed, text, known }, queue, done) {
  const underWay = new Map();
  let count = 0;
  for (;;) {
    while (sampler.load < 2 * SLOTS) {
      const ask = queue.shift();
      if (!ask) break;
      const { problem, promptIndex, role = 'forward', turns = [], stream, sampleCount } = ask;
      const temperature = ask.temperature ?? TEMPERATURE;
      const name = JSON.stringify([promptIndex, problem.id, role, turns, stream, sampleCount, temperature]);
      if (known.has(name)) {
        done(ask, known.get(name));
        continue;
      }
      const promptTokens = text.encodePrompt(problem.question, role, turns);
      if (promptTokens.length >= capacity) {
        done(
          ask,
          Array.from({ length: sampleCount }, () => ({ answer: null, isRight: false, tokens: 0 })),
        );
        continue;
      }
      const requestId = String(count++);
      underWay.set(requestId, { ask, name });
      const key = { requestId, seed, update: 0, promptIndex, stream };
      const limits = { topK: 0, topP: 1, temperature, maxTokens: MAX_TOKENS };
      sampler.submit({ ...key, ...limits, promptTokens, sampleCount });
    }
    if (underWay.size === 0) return;
    for (const { requestId, tokens, lengths } of sampler.step()) {
      const { ask, name } = underWay.get(requestId);
      underWay.delete(requestId);
      let end = 0;
      const completions = Array.from(lengths, (length) => {
        end += length;
        return judge(ask.problem, text.decode(tokens.subarray(end - length, end)), length);
      });
      known.set(name, completions);
      done(ask, completions);
    }
  }
}

function judge({ answer: gold, type, unordered }, completion, tokens) {
  const answer = parseCompletion(completion).answer?.trim() || null;
  return { answer, isRight: answer !== null && answersMatch(gold, answer, type, unordered), tokens };
}

/** The completions of each ask, in the order of the asks. */
export function completionsOf(policy, asks) {
  const results = [];
  const queue = asks.map((ask, place) => ({ ...ask, place }));
  sampleAll(policy, queue, ({ place }, completions) => {
    results[place] = completions;
  });
  return results;
}

/** What `askOf(i)` asks of problem number i: its completions, by problem. */
export function ofEach(policy, problems, askOf) {
  return completionsOf(
    policy,
    problems.map((problem, i) => ({ problem, promptIndex: i, ...askOf(i) })),
  );
}

export const sameAnswer = (problem) => (a, b) => answersAgree(a, b, problem);

/** The most frequent answer of completions. */
export function voted(problem, completions) {
  const chosen = plurality(
    completions.map(({ answer }) => answer),
    sameAnswer(problem),
  );
  return completions[chosen] ?? { answer: null, isRight: false };
}

/**
 * Completions of every problem, one more for each in turn, until they cost as many tokens as `budget`. `draw(wave, taken)` gives the next
 * ones of every problem.
 */
export function spend(problems, budget, draw) {
  const taken = problems.map(() => []);
  let tokens = 0;
  for (let wave = 0; ; wave++) {
    const drawn = draw(wave, taken);
    for (let sample = 0; sample < drawn[0].length; sample++)
      for (const [i, completions] of drawn.entries()) {
        if (tokens >= budget) return { taken, tokens };
        taken[i].push(completions[sample]);
        tokens += completions[sample].tokens;
      }
  }
}

// ---- debates --------------------------------------------------------------------------------------------------------

/** One sample a turn for these roles; the others are left out. */
export function samplesOf(roles) {
  return Object.fromEntries(ROLES.map((role) => [role, Number(roles.includes(role))]));
}

/** One debate about every problem. */
export function debates(policy, problems, { roles = ROLES, maxRounds = MAX_ROUNDS, minRounds = 1 } = {}) {
  const rules = { samplesPerTurn: samplesOf(roles), maxRounds, minRounds, withCredit: false };
  const all = problems.map((problem, promptIndex) => ({
    problem,
    promptIndex,
    debate: new Debate({ ...rules, equivalent: sameAnswer(problem) }),
    isRight: new Map(),
  }));
  const queue = [];
  const enqueue = (each) => {
    for (const turn of each.debate.requests())
      if (!each.isRight.has(turn.id)) {
        each.isRight.set(turn.id, []);
        queue.push({ ...each, ...turn, debated: each });
      }
  };
  all.forEach(enqueue);
  sampleAll(policy, queue, ({ id, debated }, completions) => {
    debated.isRight.set(
      id,
      completions.map(({ isRight }) => isRight),
    );
    const tokenCount = completions.reduce((sum, { tokens }) => sum + tokens, 0);
    debated.debate.accept(id, { answers: completions.map(({ answer }) => answer), tokenCount });
    enqueue(debated);
  });
  return all.map(({ problem, debate, isRight }) => {
    const outcome = debate.end();
    const given = outcome.turns
      .filter(({ role }) => role !== 'skeptic')
      .flatMap(({ id, round, role, answers }) =>
        answers.map((answer, i) => ({
          answer,
          isRight: isRight.get(id)[i],
          isFirst: round === 0 && role !== 'synthesizer',
        })),
      );
    const first = given.filter(({ isFirst }) => isFirst);
    return {
      ...debateMetrics(outcome, isRight),
      stop: outcome.stop,
      first_right: first.filter((each) => each.isRight).length / Math.max(1, first.length),
      vote_correct: Number(voted(problem, given).isRight),
    };
  });
}
