/** Tasks of an update: who gets which, and what happens when someone is gone. */
import t from 'tap';
import { Dispatcher } from '../../../src/actors/dispatcher.js';
import { DialecticError, type Message, noOutcomes, type TaskAssign } from '../../../src/protocol/index.js';
import { fixedStrategy } from '../../../src/rollout/planner.js';
import { taskAssign } from '../../../src/testing/messages.js';
import { settle } from '../../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../../src/testing/systems.js';

function makeDispatcher(actorCount: number, promptsPerUpdate: number) {
  const { system } = makeSystem();
  const forward = Array.from({ length: actorCount }, (_, i) => `main/forward-${i}`);
  const seen = forward.map((path) => spawnProbe(system, path));
  const learner = spawnProbe(system, 'main/learner');
  const dispatcher = new Dispatcher({
    routes: { forward },
    planner: fixedStrategy('forward'),
    learner: 'main/learner',
    promptsPerUpdate,
    groupSize: 3,
    problemAt: (index) => ({ ...taskAssign().problem, id: `problem-${index}` }),
    openEdge: (edge) => system.openEdge(edge),
  });
  system.spawn('main/dispatcher', dispatcher.create);
  const complete = (update: number) =>
    system.tell('main/dispatcher', {
      kind: 'update.completed',
      update,
      policyVersion: update + 1,
      metrics: {},
      outcomes: noOutcomes(),
      groups: [],
    });
  const tasks = () => seen.map((messages) => messages.filter(isTask));
  return { system, dispatcher, learner, tasks, complete };
}

const isTask = (message: Message): message is TaskAssign => message.kind === 'task.assign';

t.test('the problems of an update depend on its number, not on the actors that get them', async (t) => {
  for (const actorCount of [1, 2, 5]) {
    const { dispatcher, learner, tasks, complete } = makeDispatcher(actorCount, 4);
    const running = dispatcher.run(2);
    await settle();
    t.match(learner, [{ kind: 'update.begin', update: 2, taskCount: 4 }]);
    const given = tasks().flat();
    const sorted = given.sort((a, b) => a.promptIndex - b.promptIndex);
    t.match(sorted, [
      { promptIndex: 0, problem: { id: 'problem-8' }, groupSize: 3, update: 2, strategy: 'forward' },
      { promptIndex: 1, problem: { id: 'problem-9' } },
      { promptIndex: 2, problem: { id: 'problem-10' } },
      { promptIndex: 3, problem: { id: 'problem-11' } },
    ]);
    t.equal(new Set(given.map(({ taskId }) => taskId)).size, 4);
    complete(1);
    complete(2);
    t.match(await running, { update: 2, policyVersion: 3 }, 'the news of another update changes nothing');
  }
});

t.test('one actor takes more tasks than an edge holds by itself', async (t) => {
  const { dispatcher, tasks, complete } = makeDispatcher(1, 3000);
  const running = dispatcher.run(0);
  for (let turn = 0; turn < 2000 && tasks().flat().length < 3000; turn++) await settle(1);
  t.equal(tasks().flat().length, 3000);
  complete(0);
  await running;
});

t.test('the tasks of an actor that ends go to the others once, which get the next ones too', async (t) => {
  const { system, dispatcher, learner, tasks, complete } = makeDispatcher(2, 4);
  const running = dispatcher.run(0);
  await settle();
  await system.stop('main/forward-1');
  await settle();
  t.equal(learner.length, 1, 'nothing is cancelled');
  t.same(
    tasks()[0]!.map(({ taskId }) => taskId),
    ['u1-p0', 'u1-p2', 'u1-p1', 'u1-p3'],
  );
  complete(0);
  await running;
  void dispatcher.run(1);
  await settle();
  t.same(
    tasks().map((given) => given.length),
    [4 + 4, 2],
  );
});

t.test('a task that is lost twice, or that nobody is left for, is cancelled', async (t) => {
  const { system, dispatcher, learner, tasks } = makeDispatcher(2, 2);
  void dispatcher.run(0);
  await settle();
  const back = { kind: 'task.returned', update: 0, detail: 'out of order' } as const;
  const returning = (path: string, taskId: string, promptIndex: number) =>
    system.send({
      from: path,
      to: 'main/dispatcher',
      epoch: 0,
      seq: 0,
      message: { ...back, taskId, promptIndex },
    });
  returning('main/forward-0', 'u1-p0', 0);
  await settle();
  t.equal(learner.length, 1, 'the first time it goes to another actor');
  t.same(
    tasks().map((given) => given.map(({ taskId }) => taskId)),
    [['u1-p0'], ['u1-p1', 'u1-p0']],
  );
  returning('main/forward-0', 'u1-p0', 0);
  await settle();
  t.equal(learner.length, 1, 'who has given it back already cannot do so again');
  returning('main/forward-1', 'u1-p0', 0);
  returning('main/forward-1', 'u8-p0', 0);
  await settle();
  const cancelled = { kind: 'group.cancelled', reason: 'actor_terminated', endsTask: true };
  t.match(learner.slice(1), [{ ...cancelled, taskId: 'u1-p0', detail: 'u1-p0 failed twice: out of order' }]);
  await system.stop('main/forward-0');
  await system.stop('main/forward-1');
  await settle();
  t.match(learner.slice(2), [
    {
      ...cancelled,
      taskId: 'u1-p1',
      detail: /^no actor for the strategy forward is left for u1-p1: main\/forward-1 ended: /,
    },
  ]);
  t.equal(learner.length, 3);
});

t.test('what makes an update impossible rejects it, and every later one, at once', async (t) => {
  const alone = makeDispatcher(1, 1);
  await alone.system.stop('main/forward-0');
  await settle();
  await t.rejects(alone.dispatcher.run(0), {
    code: 'TERMINATED',
    message: 'no actor is left for the strategy forward',
  });

  const orphaned = makeDispatcher(1, 1);
  const running = orphaned.dispatcher.run(0);
  const rejected = t.rejects(running, { code: 'TERMINATED', message: /^the learner ended: / });
  await orphaned.system.stop('main/learner');
  await rejected;
  await t.rejects(orphaned.dispatcher.run(1), { code: 'TERMINATED' });

  const told = makeDispatcher(1, 1);
  told.dispatcher.fail(new DialecticError('TERMINATED', 'first'));
  told.dispatcher.fail(new DialecticError('TERMINATED', 'second'));
  await t.rejects(told.dispatcher.run(0), { message: 'first' });
});

t.test('a planner that cannot learn rejects its update and leaves the next one alone', async (t) => {
  const { system } = makeSystem();
  spawnProbe(system, 'main/forward-0');
  spawnProbe(system, 'main/learner');
  let failures = 1;
  const dispatcher = new Dispatcher({
    routes: { forward: ['main/forward-0'] },
    planner: {
      ...fixedStrategy('forward'),
      learn: () => {
        if (failures-- > 0) throw new Error('out of order');
      },
    },
    learner: 'main/learner',
    promptsPerUpdate: 1,
    groupSize: 2,
    problemAt: () => taskAssign().problem,
    openEdge: (edge) => system.openEdge(edge),
  });
  system.spawn('main/dispatcher', dispatcher.create);
  const complete = (update: number) => {
    const nothing = { metrics: {}, outcomes: noOutcomes(), groups: [] };
    return system.tell('main/dispatcher', {
      kind: 'update.completed',
      update,
      policyVersion: update + 1,
      ...nothing,
    });
  };
  const first = dispatcher.run(0);
  complete(0);
  await t.rejects(first, { message: 'out of order' });
  const second = dispatcher.run(1);
  complete(1);
  t.match(await second, { update: 1 });
});

t.test('a dispatcher that has not been spawned refuses to run', async (t) => {
  const { system } = makeSystem();
  const dispatcher = new Dispatcher({
    routes: {},
    planner: fixedStrategy('forward'),
    learner: 'main/learner',
    promptsPerUpdate: 1,
    groupSize: 2,
    problemAt: () => taskAssign().problem,
    openEdge: (edge) => system.openEdge(edge),
  });
  t.throws(() => dispatcher.run(0), { code: 'INTERNAL' });
});

t.test(
  'each problem goes to an actor of the strategy that the planner chose, and the planner learns',
  async (t) => {
    const { system } = makeSystem();
    const routes = { forward: ['main/f-0', 'main/f-1'], debate: ['main/d-0'], tree: ['main/t-0'] };
    const seen = new Map(
      Object.values(routes)
        .flat()
        .map((path) => [path, spawnProbe(system, path)]),
    );
    spawnProbe(system, 'main/learner');
    const asked: string[][] = [];
    const learned: unknown[] = [];
    const dispatcher = new Dispatcher({
      routes,
      planner: {
        choose: (update, problems) => {
          asked.push(problems.map(({ id }) => `${update}:${id}`));
          return ['debate', 'forward', 'tree', 'forward'];
        },
        learn: (update, groups) => learned.push([update, groups]),
      },
      learner: 'main/learner',
      promptsPerUpdate: 4,
      groupSize: 2,
      problemAt: (index) => ({ ...taskAssign().problem, id: `p${index}` }),
      openEdge: (edge) => system.openEdge(edge),
    });
    system.spawn('main/dispatcher', dispatcher.create);
    const running = dispatcher.run(3);
    await settle();
    t.same(asked, [['3:p12', '3:p13', '3:p14', '3:p15']]);
    const tasksOf = (path: string) =>
      seen
        .get(path)!
        .filter(isTask)
        .map(({ strategy, promptIndex }) => [strategy, promptIndex]);
    t.same(tasksOf('main/d-0'), [['debate', 0]]);
    t.same(tasksOf('main/f-1'), [
      ['forward', 1],
      ['forward', 3],
    ]);
    t.same(tasksOf('main/t-0'), [['tree', 2]]);
    const groups = [
      { promptIndex: 1, role: 'forward' as const, outcomeMean: 0.5, sampleCount: 2, tokenCount: 9 },
    ];
    const completed = { policyVersion: 4, metrics: {}, outcomes: noOutcomes(), groups };
    system.tell('main/dispatcher', { kind: 'update.completed', update: 3, ...completed });
    await running;
    t.same(learned, [[3, groups]]);
  },
);
