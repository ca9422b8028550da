/** A searcher between a learner and samplers that are probes, whose requests a real tiny policy answers when the test says so. */

import { createScorer } from '../../src/actors/scorer.js';
import { createSearcher } from '../../src/actors/searcher.js';
import type {
  CompletionsRequest,
  CompletionsSampled,
  Event,
  GroupCompleted,
  Message,
  Rewards,
  ScoringItem,
  TaskAssign,
} from '../../src/protocol/index.js';
import type { TaskPlan } from '../../src/rollout/task-runner.js';
import type { SearchOptions } from '../../src/techniques/search/search-options.js';
import { nodeExpanded, treeEnded } from '../../src/techniques/search/telemetry.js';
import { TreePlan } from '../../src/techniques/search/tree-plan.js';
import { taskAssign } from '../../src/testing/messages.js';
import { settle } from '../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../src/testing/systems.js';
import { createSampler, sampleAll } from './sampling.js';
import { nanoPolicy } from './tiny-policies.js';

export const SAMPLERS = ['main/sampler-0', 'main/sampler-1'] as const;
export const RULES = {
  answer: { weight: 1, kind: 'outcome' },
  format: { weight: 0.1, kind: 'shaping' },
} as const;

const VOCABULARY = 432;
/** Tokens that end a completion, and tokens that end a step. */
const isStop = (token: number): boolean => token % 13 === 1;
const endsStep = (token: number): boolean => token % 3 === 0;
export const STOP_TOKENS = Array.from({ length: VOCABULARY }, (_, token) => token).filter(isStop);

/** A word a token; some end a step. */
export const decodeWords = (tokens: Int32Array): string =>
  Array.from(tokens, (token) =>
    isStop(token) ? `<answer>${token % 4}</answer>` : `w${token}${endsStep(token) ? '. ' : ' '}`,
  ).join('');

export const readAnswer = (text: string): string | null => /<answer>(\d)<\/answer>$/.exec(text)?.[1] ?? null;

/** 1 for an even answer; the format reward falls with the length. */
export const scoreWords = async (batch: readonly ScoringItem[]): Promise<Rewards> => ({
  names: ['answer', 'format'],
  values: Float32Array.from([
    ...batch.map(({ completion }) => (Number(readAnswer(completion) ?? 1) % 2 === 0 ? 1 : 0)),
    ...batch.map(({ completion }) => 1 / (1 + completion.length)),
  ]),
  scored: new Uint8Array(batch.length).fill(1),
});

const policy = nanoPolicy(3, VOCABULARY);
const sampler = createSampler(policy, { slots: 8, capacity: 64, stopTokens: STOP_TOKENS });

/** What the policy samples for a request: a function of the request's numbers and prompt. */
export function answerOf(request: CompletionsRequest, policyVersion = 4): CompletionsSampled {
  const [completions] = sampleAll(sampler, [{ ...request, seed: 7 }]).values();
  return { kind: 'completions.sampled', policyVersion, ...completions! };
}

export const SAMPLING = { maxTokens: 24, temperature: 1, topK: 12, topP: 1 };

/** What a test may change of a searcher. */
export interface SearcherChange {
  readonly samplers?: readonly string[];
  readonly budget?: (groupSize: number) => Pick<SearchOptions, 'maxRollouts' | 'maxTokens'>;
  readonly workers?: number;
  readonly encodePrompt?: (question: string) => Int32Array;
  readonly decode?: (tokens: Int32Array) => string;
  readonly score?: (batch: readonly ScoringItem[]) => Promise<Rewards>;
  readonly keepTexts?: (update: number) => boolean;
}

const codes = (question: string): Int32Array =>
  Int32Array.from(question, (letter: string) => letter.charCodeAt(0));

/** The plan of a task, as training would make it. */
export function treePlanOf(task: TaskAssign, change: SearcherChange = {}): TaskPlan {
  const { encodePrompt = codes, decode = decodeWords, workers = 4 } = change;
  const budget = change.budget ?? ((groupSize: number) => ({ maxRollouts: groupSize, maxTokens: 10_000 }));
  const plan = new TreePlan({
    promptTokens: encodePrompt(task.problem.question),
    decode,
    readAnswer,
    search: {
      ...budget(task.groupSize),
      width: 3,
      maxCompletionTokens: SAMPLING.maxTokens,
      minCompletionTokens: 4,
    },
    workers,
    scoring: { rules: RULES, advantages: { scale: 'group', epsilon: 1e-4 } },
  });
  return {
    plan,
    telemetry: {
      happened: (event) => nodeExpanded(task.taskId, plan, event),
      ended: (facts) => treeEnded(task.taskId, plan, facts),
    },
  };
}

export function makeSearcher(change: SearcherChange = {}) {
  const { clock, system, events } = makeSystem();
  const probes = new Map(SAMPLERS.map((path) => [path as string, spawnProbe(system, path)]));
  const learner = spawnProbe(system, 'main/learner');
  const openEdge = system.openEdge.bind(system);
  system.spawn('main/scorer', createScorer({ score: change.score ?? scoreWords }));
  const create = createSearcher(
    {
      samplers: change.samplers ?? SAMPLERS,
      scorers: ['main/scorer'],
      sampling: SAMPLING,
      decode: change.decode ?? decodeWords,
      clock,
      requestDeadlineMs: 1000,
      openEdge,
      warn: (source, detail) => system.emit({ type: 'warning', source, detail }),
    },
    {
      learner: 'main/learner',
      openEdge,
      planOf: (task) => treePlanOf(task, change),
      emit: system.emit.bind(system),
      keepTexts: change.keepTexts ?? (() => false),
    },
  );
  system.spawn('main/searcher', create);
  const answered = new Set<Message>();
  const assign = (task: Partial<TaskAssign> = {}) =>
    system.tell('main/searcher', taskAssign({ strategy: 'tree', groupSize: 12, ...task }));
  const requests = (): CompletionsRequest[] =>
    [...probes.values()]
      .flat()
      .filter((each): each is CompletionsRequest => each.kind === 'completions.request');
  /** Requests not answered yet, oldest first. */
  const open = (): CompletionsRequest[] => requests().filter((each) => !answered.has(each));
  const reply = async (request: CompletionsRequest, message: Message = answerOf(request)): Promise<void> => {
    answered.add(request);
    system.tell('main/searcher', message);
    await settle(2);
  };
  /** Answers requests, the one that `choose` picks first, until none is open. */
  const serve = async (choose: (open: readonly CompletionsRequest[]) => number = () => 0): Promise<void> => {
    await settle(2);
    for (let waiting = open(); waiting.length > 0; waiting = open()) await reply(waiting[choose(waiting)]!);
    await settle();
  };
  const eventsOf = <T extends Event['type']>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  return { clock, system, learner, assign, requests, open, reply, serve, eventsOf };
}

/** The one message that reached the learner, which must be a group. */
export function onlyGroup(messages: readonly Message[]): GroupCompleted {
  const [group] = messages;
  if (messages.length !== 1 || group?.kind !== 'group.completed')
    throw new Error(`expected one group, got ${JSON.stringify(messages.map(({ kind }) => kind))}`);
  return group;
}

/** Every bit of a group. */
export function bitsOfGroup(group: GroupCompleted): string {
  return JSON.stringify(group, (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
      : value,
  );
}

/** The tree that comes of task `a` when nothing goes wrong, bit by bit. */
export async function referenceTree(): Promise<string> {
  const made = makeSearcher();
  made.assign({ taskId: 'a', promptIndex: 0 });
  await made.serve();
  return bitsOfGroup(onlyGroup(made.learner));
}
