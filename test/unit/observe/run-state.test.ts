/** The state of a run as a function of its events. */
import t from 'tap';
import { initialRunState, type RunState, reduce } from '../../../src/observe/run-state.js';
import type { Event, UntimedEvent } from '../../../src/protocol/index.js';

const after = (events: readonly UntimedEvent[], state: RunState = initialRunState): RunState =>
  events.reduce((so, event, i) => reduce(so, { ...event, time: i } as Event), state);

const row = (reward: number, more: Readonly<Record<string, number>> = {}) => ({
  step_time: 2,
  'tokens_per_second/rollout': 300,
  'tokens_per_second/learner': 100,
  reward,
  'rewards/answer/mean': reward / 2,
  'outcomes/applied': 0.75,
  'outcomes/dead_group': 0.25,
  'outcomes/cancelled': 0,
  'outcomes/scorer_error': 0,
  ...more,
});
const started: UntimedEvent = {
  type: 'run.started',
  seed: 7,
  updates: 2,
  evaluationProblems: 10,
  runDirectory: '/runs/a',
};
const evaluated = (update: number): UntimedEvent => ({
  type: 'evaluation.completed',
  update,
  metrics: { accuracy: 0.5 },
});
const progress = (update: number, done: number): UntimedEvent => ({
  type: 'evaluation.progress',
  update,
  done,
  total: 10,
});
const updated = (update: number, metrics: Readonly<Record<string, number>>): UntimedEvent => ({
  type: 'update.completed',
  update,
  policyVersion: update,
  metrics,
});

t.test('the phase follows the run from its start to its end', async (t) => {
  const story: [event: UntimedEvent, phase: string][] = [
    [started, 'starting'],
    [{ type: 'actor.spawned', path: 'learner', epoch: 0 }, 'starting'],
    [progress(0, 0), 'evaluating'],
    [progress(0, 7), 'evaluating'],
    [evaluated(0), 'training'],
    [updated(1, row(0.5)), 'training'],
    [progress(1, 0), 'evaluating'],
    [evaluated(1), 'training'],
    [updated(2, row(1)), 'training'],
    [{ type: 'checkpoint.saved', update: 2, folder: '/runs/a/c' }, 'training'],
    [progress(2, 10), 'evaluating'],
    [evaluated(2), 'finishing'],
    [{ type: 'run.ended', reason: 'finished' }, 'ended'],
    [{ type: 'actor.terminated', path: 'learner', reason: 'normal' }, 'ended'],
  ];
  const phases = story.map((_, i) => after(story.slice(0, i + 1).map(([event]) => event)).phase);
  t.same(
    phases,
    story.map(([, phase]) => phase),
  );
  t.match(after(story.map(([event]) => event)), {
    seed: 7,
    updates: 2,
    update: 2,
    policyVersion: 2,
    runDirectory: '/runs/a',
    evaluation: null,
    evaluations: [0, 1, 2].map((update) => ({ update, metrics: { accuracy: 0.5 } })),
    checkpoint: { update: 2, folder: '/runs/a/c' },
    ending: { reason: 'finished', error: null },
    alarms: [],
  });
});

t.test('an update adds to the history and replaces what is of the last one', async (t) => {
  const state = after([started, updated(1, row(0.5)), updated(2, row(0.75, { step_time: 3 }))]);
  t.match(state, {
    update: 2,
    rewards: [0.5, 0.75],
    stepSeconds: [2, 3],
    accuracy: 0.375,
    tokensPerSecond: { rollout: 300, learner: 100 },
    outcomes: { applied: 0.75, dead_group: 0.25, cancelled: 0, scorer_error: 0 },
    metrics: { reward: 0.75 },
  });
  t.equal(state.alarmCount, 0);
});

t.test('lost trajectories, warnings and actors that end badly are alarms, with their time', async (t) => {
  const state = after([
    started,
    updated(1, row(0, { 'outcomes/cancelled': 0.25, 'outcomes/scorer_error': 0.125 })),
    { type: 'warning', source: 'learner', detail: 'careful' },
    { type: 'actor.terminated', path: 'sampler-0', reason: 'oom', error: 'heap' },
    { type: 'actor.terminated', path: 'rollout-0', reason: 'killed' },
    { type: 'actor.terminated', path: 'rollout-1', reason: 'normal' },
  ]);
  t.same(state.alarms, [
    {
      time: 1,
      text: 'update 1: trajectories lost (25.0 % cancelled, 12.5 % not scored or not finite); events.jsonl says why',
    },
    { time: 2, text: 'careful' },
    { time: 3, text: 'sampler-0 ended (oom): heap' },
    { time: 4, text: 'rollout-0 ended (killed)' },
  ]);
  t.equal(state.alarmCount, 4);
});

t.test('of many alarms the latest are kept and all are counted', async (t) => {
  const many = Array.from({ length: 250 }, (_, i): UntimedEvent => {
    return { type: 'warning', source: 'x', detail: String(i) };
  });
  const { alarms, alarmCount } = after(many);
  t.same([alarms.length, alarms[0]?.text, alarms.at(-1)?.text, alarmCount], [100, '150', '249', 250]);
});

t.test('actors live, restart and end; groups, choices and dead letters are counted', async (t) => {
  const place = { groupId: 'g', update: 1, promptIndex: 0 } as const;
  const group = { role: 'forward', domain: 'math', policyVersion: 0, groupSize: 4, tokenCount: 9 } as const;
  const state = after([
    { type: 'actor.spawned', path: 'rollout-0/forward-0', epoch: 1 },
    { type: 'actor.restarted', path: 'rollout-0/forward-0', epoch: 2, delayMs: 100, error: 'no' },
    { type: 'actor.spawned', path: 'learner', epoch: 1 },
    { type: 'actor.terminated', path: 'learner', reason: 'error', error: 'no' },
    { type: 'group.completed', ...place, ...group, rewardMean: 1 },
    { type: 'group.completed', ...place, ...group, rewardMean: 1 },
    { type: 'group.dropped', ...place, outcome: 'dead_group', detail: '' },
    { type: 'strategy.chosen', update: 1, promptIndex: 0, strategy: 'tree', terms: {} },
    { type: 'strategy.chosen', update: 1, promptIndex: 1, strategy: 'tree', terms: {} },
    { type: 'dead.letter', from: 'a', to: 'b', kind: 'c', reason: 'd' },
  ]);
  t.same(state.actors, {
    'rollout-0/forward-0': { isAlive: true, restarts: 1, reason: null },
    learner: { isAlive: false, restarts: 0, reason: 'error' },
  });
  t.same(state.groups, { completed: 2, dropped: 1 });
  t.same(state.strategies, { tree: 2 });
  t.equal(state.deadLetters, 1);
});

t.test('a state is never changed', async (t) => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const events: UntimedEvent[] = [
    started,
    progress(0, 0),
    evaluated(0),
    updated(1, row(1, { 'outcomes/cancelled': 1 })),
    { type: 'actor.spawned', path: 'learner', epoch: 1 },
    { type: 'run.ended', reason: 'failed', error: 'no' },
  ];
  let state = freeze(initialRunState);
  for (const [time, event] of events.entries()) state = freeze(reduce(state, { ...event, time } as Event));
  t.match(state, { phase: 'ended', ending: { reason: 'failed', error: 'no' }, update: 1 });
  t.equal(initialRunState.update, 0);
});
