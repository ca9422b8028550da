/**
 * The test kit: actors on a clock of the test's own, and valid messages to tell them, for integration tests over the message protocol.
 *
 * Invariants: nothing here starts a thread, and only `until` waits for time.
 */
export { createForward } from '../actors/forward.js';
export type { ActorContext, ActorFactory, Behaviour } from '../actors/kernel/actor.js';
export type { ActorSystem } from '../actors/kernel/system.js';
export { createScorer, type ScorerOptions } from '../actors/scorer.js';
export type { ManualClock } from '../clock.js';
export type { Message, MessageKind, MessageOf } from '../protocol/index.js';
export { scoreBatch } from '../rewards/rewards.js';
export { SamplesPlan, type SamplesPlanOptions } from '../rollout/samples-plan.js';
export {
  completionsSampled,
  groupCompleted,
  taskAssign,
  treeCompleted,
  turnCompleted,
} from './messages.js';
export { settle, until } from './settle.js';
export { makePair, makeSystem, spawnProbe } from './systems.js';
