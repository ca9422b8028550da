/**
 * What observers may see: small facts with a time, never tensors. Unlike messages, events may be lost (and counted).
 *
 * Invariants: `update` counts from 1, as every file of a run does; where it can be 0, that is before the first update.
 */
import { z } from 'zod';
import { actorPath, count, id, metrics, outcome, role, strategy, terminationReason } from './fields.js';

/** Milliseconds since 1970 by the emitting thread's clock. */
const time = z.number();
/** Number of an update, from 1. */
const update = z.int().min(1);

export const event = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run.started'),
    time,
    seed: count,
    /** Updates that the run is to make. */
    updates: count,
    /** Held-out problems of each evaluation. */
    evaluationProblems: count,
    runDirectory: z.string(),
  }),
  /** The last update and evaluation are over; the threads end next. */
  z.strictObject({
    type: z.literal('run.ended'),
    time,
    reason: z.enum(['finished', 'stopped', 'failed']),
    /** Of a run that failed. */
    error: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('actor.spawned'), time, path: actorPath, epoch: count }),
  z.strictObject({
    type: z.literal('actor.restarted'),
    time,
    path: actorPath,
    epoch: count,
    delayMs: z.number(),
    error: z.string(),
  }),
  z.strictObject({
    type: z.literal('actor.terminated'),
    time,
    path: actorPath,
    reason: terminationReason,
    error: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('strategy.chosen'),
    time,
    update,
    promptIndex: count,
    strategy,
    /** Terms of the energy of this choice, and what else is known of the decision. */
    terms: metrics,
  }),
  z.strictObject({
    type: z.literal('debate.turn'),
    time,
    taskId: id,
    role,
    round: count,
    /** Completions, and the answers among them with how often each was given. */
    sampleCount: count,
    answers: z.record(z.string(), count),
    /** Completions without a readable answer: they count as wrong. */
    unreadable: count,
  }),
  z.strictObject({
    type: z.literal('debate.ended'),
    time,
    taskId: id,
    rounds: count,
    /** Which rule ended it. */
    stop: z.enum(['consensus', 'unchanged', 'rounds', 'failed']),
    /** Tokens sampled. */
    tokenCount: count,
    metrics,
  }),
  z.strictObject({
    type: z.literal('tree.expanded'),
    time,
    taskId: id,
    depth: count,
    visits: count,
    value: z.number(),
    children: count,
  }),
  z.strictObject({
    type: z.literal('tree.ended'),
    time,
    taskId: id,
    nodes: count,
    /** Simulations run. */
    simulations: count,
    tokenCount: count,
    metrics,
  }),
  z.strictObject({
    type: z.literal('group.completed'),
    time,
    groupId: id,
    update,
    promptIndex: count,
    role,
    domain: z.string(),
    policyVersion: count,
    /** Completions, G. */
    groupSize: count,
    /** Sampled tokens of the group, ΣT. */
    tokenCount: count,
    /** Mean total reward of the group. */
    rewardMean: z.number(),
  }),
  z.strictObject({
    type: z.literal('group.dropped'),
    time,
    groupId: id,
    update,
    promptIndex: count,
    outcome: outcome,
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('update.completed'),
    time,
    update,
    policyVersion: count,
    /** The row of metrics.jsonl, in its order. */
    metrics,
  }),
  z.strictObject({ type: z.literal('policy.published'), time, version: count, probeHash: id }),
  z.strictObject({
    type: z.literal('policy.loaded'),
    time,
    sampler: actorPath,
    version: count,
    probeHash: id,
  }),
  /** A few times a second at most. */
  z.strictObject({ type: z.literal('evaluation.progress'), time, update: count, done: count, total: count }),
  z.strictObject({ type: z.literal('evaluation.completed'), time, update: count, metrics }),
  z.strictObject({ type: z.literal('checkpoint.saved'), time, update: count, folder: z.string() }),
  z.strictObject({
    type: z.literal('dead.letter'),
    time,
    from: z.string(),
    to: z.string(),
    kind: z.string(),
    reason: z.string(),
  }),
  z.strictObject({ type: z.literal('warning'), time, source: z.string(), detail: z.string() }),
]);
/** One thing that happened in a run, told apart by `type`; `time` is in milliseconds since 1970. docs/protocol.md describes each. */
export type Event = z.infer<typeof event>;
/** An event before the thread that emits it has put its time on it. */
export type UntimedEvent = Event extends infer E ? (E extends Event ? Omit<E, 'time'> : never) : never;

/** An event on its way to the bus of the main thread. Any thread -> main. */
export const eventObserved = z.strictObject({ kind: z.literal('event.observed'), event });
export type EventObserved = z.infer<typeof eventObserved>;
