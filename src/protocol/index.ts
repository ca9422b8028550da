/** The message protocol: the one import for everyone who sends or receives. */

export * from '../errors.js';
export * from './arrays.js';
export type { CompletionsFailed, CompletionsRequest, CompletionsSampled } from './completions.js';
export type { ActorStop, ActorTerminated, ActorWatch, CreditGrant, CreditRequest } from './control.js';
export { isControl } from './control.js';
export { type Envelope, parseEnvelope } from './envelope.js';
export { type Event, type EventObserved, event, type UntimedEvent } from './events.js';
export {
  noOutcomes,
  type Outcome,
  type TerminationReason,
} from './fields.js';
export type { CancellationReason, GroupCancelled, GroupCompleted } from './group.js';
export { checked, type Message, type MessageKind, type MessageOf, message } from './message.js';
export * from './names.js';
export type { PolicyLoaded, PolicyPublished } from './policy.js';
export type { ScoresCompleted, ScoresFailed, ScoresRequest } from './scores.js';
export type { RewardRule, Rewards, ScoringItem } from './scoring.js';
export {
  type OpenConstraints,
  openConstraints,
  type Problem,
  type TaskAssign,
  type TaskReturned,
} from './task.js';
export * from './transfer.js';
export type { TurnCompleted, TurnFailed, TurnRequest } from './turn.js';
export type { GroupResult, UpdateBegin, UpdateCompleted } from './update.js';
export { PROTOCOL_VERSION } from './version.js';
