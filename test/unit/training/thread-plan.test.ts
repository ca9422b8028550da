/** Which actors a strategy needs, and which thread carries which. */

import t from 'tap';
import { configSchema } from '../../../src/config/schema.js';
import { ACTOR_KINDS, type ActorKind } from '../../../src/protocol/index.js';
import { actorsOf, planThreads, strategiesOf, TASK_TAKERS } from '../../../src/training/thread-plan.js';

type Changes = Readonly<Record<string, unknown>>;
const ALL = { forward: 3, backward: 2, skeptic: 1, synthesizer: 2, moderator: 2, searcher: 3 };
const planOf = (changes: Changes) =>
  planThreads(configSchema.parse({ ...changes, actors: { ...ALL, ...(changes.actors as object) } }));
const counts = (changes: Changes) => {
  const actors = actorsOf(planOf(changes));
  return Object.fromEntries(ACTOR_KINDS.map((kind) => [kind, actors[kind].length]));
};

t.test('a run has the kinds of actor that its strategies need, and no others', async (t) => {
  const none = Object.fromEntries(ACTOR_KINDS.map((kind) => [kind, 0]));
  t.same(counts({ strategy: 'forward' }), { ...none, forward: 3 });
  t.same(counts({ strategy: 'backward' }), { ...none, backward: 2 });
  t.same(counts({ strategy: 'tree' }), { ...none, searcher: 3 });
  t.same(counts({ strategy: 'debate' }), { ...ALL, searcher: 0 });
  t.same(counts({ strategy: 'anneal' }), ALL);
});

t.test('every strategy of a run has actors that take its tasks', async (t) => {
  for (const strategy of ['forward', 'backward', 'debate', 'tree', 'anneal'] as const) {
    const actors = actorsOf(planOf({ strategy }));
    for (const each of strategiesOf(configSchema.parse({ strategy })))
      t.ok(actors[TASK_TAKERS[each]].length > 0, `${each} of ${strategy}`);
  }
  t.same(
    strategiesOf(configSchema.parse({ strategy: 'debate' })),
    ['debate', 'forward'],
    'open problems are worked on forwards',
  );
});

t.test('actors are dealt to the threads in turn, each under a path of its own', async (t) => {
  for (const threads of [1, 2, 5]) {
    const plans = planOf({ strategy: 'anneal', threads });
    t.same(
      plans.map(({ name }) => name),
      Array.from({ length: threads }, (_, i) => `rollout-${i}`),
    );
    const sizes = plans.map(({ actors }) => Object.values(actors).flat().length);
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `${sizes} actors on ${threads} threads`);
    const paths = plans.flatMap(({ actors }) => Object.values(actors).flat());
    t.equal(new Set(paths).size, 13);
    for (const { name, actors } of plans)
      for (const path of Object.values(actors).flat()) t.ok(path.startsWith(`${name}/`), path);
  }
});

t.test('no more threads are started than there are actors, and scorers go to those', async (t) => {
  const plans = planOf({ strategy: 'forward', threads: 8, actors: { scorer: 4 } });
  t.same(
    plans.map(({ actors, scorers }) => [actors.forward, scorers]),
    [
      [['rollout-0/forward-0'], 2],
      [['rollout-1/forward-1'], 1],
      [['rollout-2/forward-2'], 1],
    ],
  );
});

t.test('actors are listed by number, whatever the threads', async (t) => {
  for (const threads of [1, 3, 7]) {
    const actors = actorsOf(planOf({ strategy: 'anneal', threads, actors: { forward: 12 } }));
    for (const kind of Object.keys(actors) as ActorKind[])
      t.same(
        actors[kind].map((path) => path.split('/')[1]),
        actors[kind].map((_, i) => `${kind}-${i}`),
      );
  }
});
