/** Debates with scripted debaters: as a state machine alone, or through the actors of a whole debate on one system. */
import { createBackwardRole } from '../../src/actors/backward.js';
import { createForwardRole } from '../../src/actors/forward.js';
import { createModerator, type ModeratorOptions } from '../../src/actors/moderator.js';
import type { RoleOptions } from '../../src/actors/role.js';
import { createSkepticRole } from '../../src/actors/skeptic.js';
import { createSynthesizerRole } from '../../src/actors/synthesizer.js';
import { completionText, createPrompt } from '../../src/data/prompt.js';
import type {
  CompletionsRequest,
  GroupCancelled,
  GroupCompleted,
  Message,
  Role,
} from '../../src/protocol/index.js';
import { answersAgree } from '../../src/rewards/answers/answer.js';
import { parseCompletion } from '../../src/rewards/parse.js';
import { scoreBatch } from '../../src/rewards/rewards.js';
import {
  Debate,
  type DebateOptions,
  type DebateOutcome,
  type DebateTurn,
} from '../../src/techniques/debate/debate.js';
import { makeSystem, spawnProbe } from './systems.js';

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
): { outcome: DebateOutcome; asked: DebateTurn[] } {
  const asked: DebateTurn[] = [];
  for (let outcome = debate.end(); ; outcome = debate.end()) {
    if (outcome) return { outcome, asked };
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
  readonly roles?: Partial<RoleOptions>;
  /** How long a role waits for the sampler. */
  readonly samplerDeadlineMs?: number;
  readonly moderator?: Partial<ModeratorOptions>;
}

/** Moderator and roles on one system, between a sampler that completes as told and a learner that keeps what it gets. */
export function makeDebateSystem(options: DebateSystemOptions) {
  const { complete, count = 2, roles = {}, moderator = {}, samplerDeadlineMs } = options;
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
  const roleOptions = {
    samplers: ['main/sampler'],
    sampling: { maxTokens: 200, temperature: 1, topK: 0, topP: 1 },
    encodePrompt: (...asked: Parameters<typeof createPrompt>) => codes(createPrompt(...asked)),
    decode: textOf,
    score: async (batch: Parameters<typeof scoreBatch>[0]) => scoreBatch(batch),
    openEdge: system.openEdge.bind(system),
    ...(samplerDeadlineMs === undefined ? {} : { deadline: { clock, ms: samplerDeadlineMs } }),
    ...roles,
  };
  const solo = { ...roleOptions, learner: 'main/learner', keepTexts: () => false };
  const create = {
    forward: () => createForwardRole(solo),
    backward: () => createBackwardRole(solo),
    skeptic: () => createSkepticRole(roleOptions),
    synthesizer: () => createSynthesizerRole(roleOptions),
  };
  const pathsOf = (role: Role) => Array.from({ length: count }, (_, i) => `main/${role}-${i}`);
  for (const role of Object.keys(create) as Role[])
    for (const path of pathsOf(role)) system.spawn(path, create[role]());
  system.spawn(
    'main/moderator',
    createModerator({
      actors: {
        forward: pathsOf('forward'),
        backward: pathsOf('backward'),
        skeptic: pathsOf('skeptic'),
        synthesizer: pathsOf('synthesizer'),
      },
      learner: 'main/learner',
      samplesPerTurn: samplesOf,
      maxRounds: 2,
      readAnswer: (text) => parseCompletion(text).answer,
      sameAnswer: answersAgree,
      outcomeWeights: { answer: 1 },
      clock,
      turnDeadlineMs: 10_000,
      openEdge: system.openEdge.bind(system),
      emit: (event) => system.emit(event),
      keepTexts: () => true,
      ...moderator,
    }),
  );
  return { ...made, learner, requests };
}

/** The completion with this answer. */
export const answering = (answer: string): string => completionText('Work.', answer);
