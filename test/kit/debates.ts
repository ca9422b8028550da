/** Debates with scripted debaters: as a state machine alone, or through the actors of a whole debate on one system. */
import { createBackward } from '../../src/actors/backward.js';
import { createForward } from '../../src/actors/forward.js';
import { createModerator } from '../../src/actors/moderator.js';
import { createScorer } from '../../src/actors/scorer.js';
import { createSkeptic } from '../../src/actors/skeptic.js';
import { createSynthesizer } from '../../src/actors/synthesizer.js';
import { completionText, createPrompt } from '../../src/data/prompt.js';
import type {
  CompletionsRequest,
  GroupCancelled,
  GroupCompleted,
  Message,
  Rewards,
  Role,
  ScoringItem,
  TaskAssign,
} from '../../src/protocol/index.js';
import { answersAgree } from '../../src/rewards/answers/answer.js';
import { scoreBatch } from '../../src/rewards/rewards.js';
import { readAnswer } from '../../src/rollout/answers.js';
import { SamplesPlan } from '../../src/rollout/samples-plan.js';
import type { TaskPlan } from '../../src/rollout/task-runner.js';
import {
  Debate,
  type DebateOptions,
  type DebateResult,
  type DebateTurn,
  streamOf,
} from '../../src/techniques/debate/debate.js';
import { DebatePlan } from '../../src/techniques/debate/debate-plan.js';
import { debateEnded, turnTaken } from '../../src/techniques/debate/telemetry.js';
import { makeSystem, spawnProbe } from '../../src/testing/systems.js';

/** What a role answers: by turn and sample. */
export type Script = (turn: DebateTurn, sample: number) => string | null;

export function samplesOf(count: number): Record<Role, number> {
  return { forward: count, backward: count, skeptic: count, synthesizer: count };
}

export function makeDebate(change: Partial<DebateOptions> = {}): Debate {
  return new Debate({
    samplesPerTurn: samplesOf(1),
    maxRounds: 2,
    equivalent: (a, b) => a === b,
    withCredit: false,
    ...change,
  });
}

/** Plays a debate to its end, the open turns in the order that `pick` gives them, each answer at two tokens. */
export function play(
  debate: Debate,
  script: Script,
  pick: (open: readonly DebateTurn[]) => DebateTurn = (open) => open[0]!,
): { result: DebateResult; asked: DebateTurn[] } {
  const asked: DebateTurn[] = [];
  for (let result = debate.end(); ; result = debate.end()) {
    if (result) return { result, asked };
    const turn = pick(debate.requests());
    asked.push(turn);
    const answers = Array.from({ length: turn.sampleCount }, (_, sample) => script(turn, sample));
    debate.accept(turn.id, { answers, tokenCount: 2 * turn.sampleCount });
  }
}

/** Answers by role and round: `{ forward: ['1', '2'] }`; the last one is repeated. */
export function scripted(answers: Partial<Record<Role, readonly (string | null)[]>>): Script {
  return ({ role, round }) => {
    const given = answers[role] ?? [null];
    return given[Math.min(round, given.length - 1)] ?? null;
  };
}

// ---- actors ---------------------------------------------------------------------------------------------------------

export const codes = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0));
export const textOf = (tokens: Int32Array): string => String.fromCharCode(...tokens);

/** What a request is for, as far as a sampler can see. */
export interface Asked {
  readonly prompt: string;
  readonly promptIndex: number;
  readonly stream: number;
  readonly sample: number;
}

export interface DebateSystemOptions {
  /** The text of a completion; null leaves the request without an answer. */
  readonly complete: (asked: Asked) => string | null;
  /** Actors of each role. */
  readonly count?: number;
  readonly encodePrompt?: typeof encodePrompt;
  readonly decode?: (tokens: Int32Array) => string;
  readonly score?: (batch: readonly ScoringItem[]) => Promise<Rewards>;
  /** How long a role waits for the sampler. */
  readonly samplerDeadlineMs?: number;
  readonly samplesPerTurn?: (groupSize: number) => DebateOptions['samplesPerTurn'];
  readonly maxRounds?: number;
}

const MAX_TOKENS = 200;
const encodePrompt = (...asked: Parameters<typeof createPrompt>): Int32Array => codes(createPrompt(...asked));

/** Moderator and roles on one system, between a sampler that completes as told and a learner that keeps what it gets. */
export function makeDebateSystem(options: DebateSystemOptions) {
  const { complete, count = 2, samplerDeadlineMs = 1_000_000, samplesPerTurn = samplesOf } = options;
  const made = makeSystem();
  const { system, clock } = made;
  const learner = spawnProbe(system, 'main/learner') as (GroupCompleted | GroupCancelled)[];
  const requests: CompletionsRequest[] = [];
  system.spawn('main/sampler', () => (message: Message, context) => {
    if (message.kind !== 'completions.request') return;
    requests.push(message);
    const { requestId, promptTokens, promptIndex, stream, sampleCount } = message;
    const prompt = textOf(promptTokens);
    const texts = Array.from({ length: sampleCount }, (_, sample) =>
      complete({ prompt, promptIndex, stream, sample }),
    );
    if (texts.includes(null)) return;
    const tokens = texts.map((text) => codes(text!));
    context.tell(context.sender, {
      kind: 'completions.sampled',
      requestId,
      policyVersion: 7,
      tokens: Int32Array.from(tokens.flatMap((each) => [...each])),
      lengths: Int32Array.from(tokens, (each) => each.length),
      logProbs: Float32Array.from(tokens.flatMap((each) => [...each].map((code) => -code / 64))),
      supportLogMass: new Float32Array(tokens.reduce((sum, each) => sum + each.length, 0)),
      stopped: new Uint8Array(sampleCount).fill(1),
    });
  });
  const openEdge = system.openEdge.bind(system);
  const warn = (source: string, detail: string): void => system.emit({ type: 'warning', source, detail });
  system.spawn('main/scorer', createScorer({ score: options.score ?? (async (batch) => scoreBatch(batch)) }));
  const completion = {
    samplers: ['main/sampler'],
    scorers: ['main/scorer'],
    sampling: { maxTokens: MAX_TOKENS, temperature: 1, topK: 0, topP: 1 },
    decode: options.decode ?? textOf,
    clock,
    requestDeadlineMs: samplerDeadlineMs,
    openEdge,
    warn,
  };
  const encode = options.encodePrompt ?? encodePrompt;
  const tasks = (planOf: (task: TaskAssign) => TaskPlan, keepTexts: boolean) => ({
    learner: 'main/learner',
    openEdge,
    planOf,
    emit: system.emit.bind(system),
    keepTexts: () => keepTexts,
  });
  const alone =
    (role: Role) =>
    ({ problem, groupSize }: TaskAssign): TaskPlan => ({
      plan: new SamplesPlan({
        role,
        promptTokens: encode(problem.question, role),
        samples: groupSize,
        samplesPerRequest: groupSize,
        firstStream: streamOf(role, 0),
        budget: Number.POSITIVE_INFINITY,
        maxTokens: MAX_TOKENS,
        atOnce: 1,
      }),
    });
  const debate = ({ taskId, problem, groupSize }: TaskAssign): TaskPlan => {
    const plan = new DebatePlan({
      encodePrompt: (role, turns) => encode(problem.question, role, turns),
      readAnswer,
      equivalent: (a, b) => answersAgree(a, b, problem),
      samplesPerTurn: samplesPerTurn(groupSize),
      maxRounds: options.maxRounds ?? 2,
      withCredit: true,
      budget: Number.POSITIVE_INFINITY,
      maxTokens: MAX_TOKENS,
      capacity: Number.POSITIVE_INFINITY,
      outcomeWeights: { answer: 1 },
    });
    const telemetry = {
      happened: turnTaken.bind(null, taskId),
      ended: (facts: Parameters<typeof debateEnded>[2]) => debateEnded(taskId, plan, facts, { answer: 1 }),
    };
    return { plan, telemetry };
  };
  const create = {
    forward: () => createForward(completion, tasks(alone('forward'), false)),
    backward: () => createBackward(completion, tasks(alone('backward'), false)),
    skeptic: () => createSkeptic(completion),
    synthesizer: () => createSynthesizer(completion),
  };
  const pathsOf = (role: Role) => Array.from({ length: count }, (_, i) => `main/${role}-${i}`);
  for (const role of Object.keys(create) as Role[])
    for (const path of pathsOf(role)) system.spawn(path, create[role]());
  const actors = {
    forward: pathsOf('forward'),
    backward: pathsOf('backward'),
    skeptic: pathsOf('skeptic'),
    synthesizer: pathsOf('synthesizer'),
  };
  system.spawn(
    'main/moderator',
    createModerator({ actors, clock, turnDeadlineMs: 10_000, openEdge, warn }, tasks(debate, true)),
  );
  return { ...made, learner, requests };
}

/** The completion with this answer. */
export const answering = (answer: string): string => completionText('Work.', answer);
