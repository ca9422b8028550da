/**
 * A plan: how one problem becomes requests for completions, and what comes of them a group for the learner or an answer.
 *
 * The same plan runs in training, where an actor drives it over messages (task-runner.ts), and in `solve` and `eval`, where a loop
 * drives it over a sampler (local-driver.ts). A technique is a plan and nothing else.
 *
 * Invariants of every plan:
 * - it neither samples nor scores nor prints: what it asks for and how it ends is a function of its options and of what it accepted,
 *   whatever the order that came in;
 * - it never asks for more tokens than its budget holds, those under way included;
 * - the reference answer never comes here, so that nothing of it can reach a prompt.
 */
import type { Turn } from '../data/prompt.js';
import type { Rewards, Role } from '../protocol/index.js';
import type { Answer, Vote } from './answers.js';
import type { PlanEvent, PlanStop } from './plan-events.js';

/** Completions of one prompt to sample. */
export interface PlanRequest {
  /** Unique in its plan: the key of the random numbers. */
  readonly stream: number;
  /** Who is asked. */
  readonly role: Role;
  readonly promptTokens: Int32Array; // [P]
  /** What the completions continue, and whether others will continue them; see SamplingRequest. */
  readonly prefixTokens?: Int32Array; // [K]
  readonly keepsCaches?: boolean;
  readonly sampleCount: number;
  /** Of each completion, not counting the prefix. */
  readonly maxTokens: number;
}

/** What a sampler gives: completions one after another, as in `completions.sampled`. */
export interface SampledArrays {
  readonly tokens: Int32Array; // [ΣT], stop tokens included
  readonly lengths: Int32Array; // [G]
  readonly logProbs: Float32Array; // [ΣT]
  readonly supportLogMass: Float32Array; // [ΣT]
  readonly stopped: Uint8Array; // [G], 1 = ended by the policy
}

/** What came of a request. */
export interface ScoredCompletions extends SampledArrays {
  readonly policyVersion: number;
  /** Whole completions, the prefix included, the stop token left out. */
  readonly texts: readonly string[]; // [G]
  /** Null where nobody knows the right answer. */
  readonly rewards: Rewards | null;
}

/** A completion that was sampled to its end, of a request whose other completions were not. */
export interface WholeCompletion {
  readonly stream: number;
  readonly tokenIds: Int32Array; // [T], stop token included
  readonly text: string;
  readonly tokens: number;
  readonly stopped: boolean;
}

/** What a plan gives an asker. */
export interface PlanResult {
  readonly answer: Answer;
  /** The whole completion that gave the answer; without an answer, the first one there was. */
  readonly completion: string | null;
  readonly stop: PlanStop;
  readonly tokens: number;
  readonly votes: readonly Vote[];
  /** What only this strategy has to say. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a plan gives the learner: completions of one prompt of one role, without the task that they are of. */
export interface PlannedGroup extends SampledArrays {
  /** Unique in its plan; null where the plan makes one group only. */
  readonly name: string | null;
  readonly role: Role;
  readonly policyVersion: number;
  readonly promptTokens: Int32Array; // [P]
  readonly texts: readonly string[]; // [G]
  readonly rewards: Rewards;
  /** Of a searched tree, whose segments stand where completions stand otherwise; see `group.completed`. */
  readonly segments?: {
    readonly parents: Int32Array; // [G]
    readonly advantages: Float32Array; // [G]
    readonly pathWeights: Float32Array; // [G]
  };
}

/** One problem's way from requests to an answer and groups; what a technique is. */
export interface Plan {
  /** Requests that are new since the last call. Errors: those of the prompt's encoder. */
  takeRequests(): readonly PlanRequest[];
  /** Takes what came of a request. Errors: INTERNAL for one that is not out, PROTOCOL for completions that it did not ask for. */
  accept(stream: number, completions: ScoredCompletions): void;
  /** Ends the plan with what has come in and what is whole of the rest. Changes nothing where it has ended already. */
  interrupt(whole: readonly WholeCompletion[]): void;
  /** What happened since the last call. */
  takeEvents(): readonly PlanEvent[];
  /** Why the plan has ended; null while it goes on. */
  readonly stop: PlanStop | null;
  /** Once it has ended. Errors: INTERNAL before. */
  result(): PlanResult;
  /** Once it has ended, where completions were scored; none where nothing was sampled. Errors: INTERNAL before. */
  groups(): readonly PlannedGroup[];
  /** What `solve --out` keeps beside the solution: file name and content. */
  artifact(): { readonly name: string; readonly content: object };
}

/** Token ids of the prompt of a role, after what others said. */
export type EncodePrompt = (role: Role, turns: readonly Turn[]) => Int32Array;

/** What a plan of one's own may know of its problem and its policy. */
export interface PlanSetting {
  readonly question: string;
  /** Completions that it may cost: the group size in training, `samples` of `solve`. */
  readonly samples: number;
  /** Tokens that all its completions together may have; without a bound in training. */
  readonly budget: number;
  /** Tokens of one completion, at most. */
  readonly maxTokens: number;
  /** Key of whatever the plan draws itself. */
  readonly seed: number;
  /** Token ids of the prompt for the question: of a role, after what others said. */
  readonly encodePrompt: EncodePrompt;
  /** Text of tokens, end token left out. */
  readonly decode: (tokens: Int32Array) => string;
}

/** Makes the plan of one problem. */
export type MakePlan = (setting: PlanSetting) => Plan;
