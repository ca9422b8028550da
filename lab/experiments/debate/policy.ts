/** A policy to ask as every role of a debate, whole debates with it, and samples up to a number of tokens. */

import type { Turn } from '../../../src/data/prompt.js';
import { heldOutProblems } from '../../../src/evaluation/problems.js';
import { readPolicy } from '../../../src/model/policy-files.js';
import { loadTokenizer } from '../../../src/model/tokenizer.js';
import type { Role } from '../../../src/protocol/index.js';
import { answersAgree, answersMatch } from '../../../src/rewards/answers/answer.js';
import { parseCompletion } from '../../../src/rewards/parse.js';
import { type Answer, type Equivalence, plurality } from '../../../src/rollout/answers.js';
import { createPolicyText, type PolicyText } from '../../../src/sampling/policy-text.js';
import { Sampler } from '../../../src/sampling/sampler.js';
import { Debate, type DebateTurn, type StopRule } from '../../../src/techniques/debate/debate.js';
import { type DebateMetrics, debateMetrics } from '../../../src/techniques/debate/debate-metrics.js';
import { openRuntime } from '../../../src/tensor/device.js';

export const ROLES = ['forward', 'backward', 'skeptic', 'synthesizer'] as const;
export const MAX_ROUNDS = 2;
export const TEMPERATURE = 1;
export const MAX_TOKENS = 224;
export const SEED = 1;
/** Sequences that are decoded at once. */
export const SLOTS = 64;

export interface Completion {
  readonly answer: Answer;
  readonly isRight: boolean;
  readonly tokens: number;
}

/** A policy that is asked, and what it has answered. */
export interface AskedPolicy {
  readonly sampler: Sampler;
  readonly slots: number;
  readonly capacity: number;
  readonly seed: number;
  readonly text: PolicyText;
  /** By the name of the ask. */
  readonly known: Map<string, readonly Completion[]>;
}

export type CheckableProblem = ReturnType<typeof heldOutProblems>[number];

/** Completions to sample; what is left out is that of forward alone. */
export interface Ask {
  readonly problem: CheckableProblem;
  readonly promptIndex: number;
  readonly stream: number;
  readonly sampleCount: number;
  readonly role?: Role;
  readonly turns?: readonly Turn[];
  readonly temperature?: number;
}

/** The policy in `directory`; its samples are keyed by `seed`. */
export async function openPolicy(directory: string, seed = SEED, slots = SLOTS): Promise<AskedPolicy> {
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const runtime = await openRuntime('auto', 2);
  const capacity = policy.config.maxPositions;
  const sampler = new Sampler({ runtime, ...policy, slots, capacity, stopTokens: tokenizer.eosIds });
  return { sampler, slots, capacity, seed, text: createPolicyText(tokenizer), known: new Map() };
}

/** The first held-out problems with an answer that can be checked. */
export function checkableProblems(count: number): CheckableProblem[] {
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
function sampleAll<A extends Ask>(
  { sampler, slots, capacity, seed, text, known }: AskedPolicy,
  queue: A[],
  done: (ask: A, completions: readonly Completion[]) => void,
): void {
  const underWay = new Map<string, { ask: A; name: string }>();
  let count = 0;
  for (;;) {
    while (sampler.load < 2 * slots) {
      const ask = queue.shift();
      if (!ask) break;
      const { problem, promptIndex, role = 'forward', turns = [], stream, sampleCount } = ask;
      const temperature = ask.temperature ?? TEMPERATURE;
      const name = JSON.stringify([promptIndex, problem.id, role, turns, stream, sampleCount, temperature]);
      const before = known.get(name);
      if (before) {
        done(ask, before);
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
      const { ask, name } = underWay.get(requestId)!;
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

function judge(
  { answer: gold, type, unordered }: CheckableProblem,
  completion: string,
  tokens: number,
): Completion {
  const answer = parseCompletion(completion).answer?.trim() || null;
  return { answer, isRight: answer !== null && answersMatch(gold, answer, type, unordered), tokens };
}

/** The completions of each ask, in the order of the asks. */
export function completionsOf(policy: AskedPolicy, asks: readonly Ask[]): (readonly Completion[])[] {
  const results: (readonly Completion[])[] = [];
  const queue = asks.map((ask, place) => ({ ...ask, place }));
  sampleAll(policy, queue, ({ place }, completions) => {
    results[place] = completions;
  });
  return results;
}

/** What `askOf(i)` asks of problem number i: its completions, by problem. */
export function ofEach(
  policy: AskedPolicy,
  problems: readonly CheckableProblem[],
  askOf: (index: number) => Omit<Ask, 'problem' | 'promptIndex'>,
): (readonly Completion[])[] {
  return completionsOf(
    policy,
    problems.map((problem, i) => ({ problem, promptIndex: i, ...askOf(i) })),
  );
}

export const sameAnswer =
  (problem: CheckableProblem): Equivalence =>
  (a, b) =>
    answersAgree(a, b, problem);

/** The most frequent answer of completions. */
export function voted(
  problem: CheckableProblem,
  completions: readonly Pick<Completion, 'answer' | 'isRight'>[],
): Pick<Completion, 'answer' | 'isRight'> {
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
export function spend(
  problems: readonly CheckableProblem[],
  budget: number,
  draw: (wave: number, taken: readonly (readonly Completion[])[]) => readonly (readonly Completion[])[],
): { readonly taken: readonly (readonly Completion[])[]; readonly tokens: number } {
  const taken = problems.map((): Completion[] => []);
  let tokens = 0;
  for (let wave = 0; ; wave++) {
    const drawn = draw(wave, taken);
    for (let sample = 0; sample < drawn[0]!.length; sample++)
      for (const [i, completions] of drawn.entries()) {
        if (tokens >= budget) return { taken, tokens };
        taken[i]!.push(completions[sample]!);
        tokens += completions[sample]!.tokens;
      }
  }
}

// ---- debates --------------------------------------------------------------------------------------------------------

/** One sample a turn for these roles; the others are left out. */
function samplesOf(roles: readonly Role[]): Record<Role, number> {
  const count = (role: Role): number => Number(roles.includes(role));
  return {
    forward: count('forward'),
    backward: count('backward'),
    skeptic: count('skeptic'),
    synthesizer: count('synthesizer'),
  };
}

export interface Debated extends DebateMetrics {
  /** Share of the debaters' first answers. */
  readonly first_right: number;
  /** Whether the most frequent answer of the debate is right. */
  readonly vote_correct: number;
}

interface DebateSettings {
  readonly roles?: readonly Role[];
  readonly maxRounds?: number;
  readonly minRounds?: number;
}

/** One debate about every problem. */
export function debates(
  policy: AskedPolicy,
  problems: readonly CheckableProblem[],
  { roles = ROLES, maxRounds = MAX_ROUNDS, minRounds = 1 }: DebateSettings = {},
): { readonly stop: StopRule; readonly metrics: Debated }[] {
  const rules = { samplesPerTurn: samplesOf(roles), maxRounds, minRounds, withCredit: false };
  const all = problems.map((problem, promptIndex) => ({
    problem,
    promptIndex,
    debate: new Debate({ ...rules, equivalent: sameAnswer(problem) }),
    isRight: new Map<string, readonly boolean[]>(),
  }));
  type Running = (typeof all)[number];
  const queue: (Ask & DebateTurn & { readonly debated: Running })[] = [];
  const enqueue = (each: Running): void => {
    for (const turn of each.debate.requests())
      if (!each.isRight.has(turn.id)) {
        each.isRight.set(turn.id, []);
        const { problem, promptIndex } = each;
        queue.push({ problem, promptIndex, ...turn, debated: each });
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
    const result = debate.end();
    if (!result) throw new Error('a debate was left open');
    const given = result.turns
      .filter(({ role }) => role !== 'skeptic')
      .flatMap(({ id, round, role, answers }) =>
        answers.map((answer, i) => ({
          answer,
          isRight: isRight.get(id)![i]!,
          isFirst: round === 0 && role !== 'synthesizer',
        })),
      );
    const first = given.filter(({ isFirst }) => isFirst);
    const metrics = {
      ...debateMetrics(result, isRight),
      first_right: first.filter((each) => each.isRight).length / Math.max(1, first.length),
      vote_correct: Number(voted(problem, given).isRight),
    };
    return { stop: result.stop, metrics };
  });
}
