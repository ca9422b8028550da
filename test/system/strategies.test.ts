/** Runs of every strategy with real threads: they train, tell what they did, and do not depend on who did it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fingerprint, outcomeTotal, type Row, readLines, runAll, temporaryFolder } from '../kit/cli.js';

const UPDATES = 3;
const PROMPTS = 4;
const folder = temporaryFolder(t);
const COMMON = [
  `--updates=${UPDATES}`,
  '--set=data.evaluationProblems=2',
  `--set=sampling.promptsPerUpdate=${PROMPTS}`,
  '--set=sampling.groupSize=4',
  '--set=sampling.maxCompletionTokens=120',
  '--set=evaluation.maxCompletionTokens=24',
  '--set=learner.warmupUpdates=0',
];
const ONE_OF_EACH = [
  '--actors=forward=1,backward=1,skeptic=1,synthesizer=1,moderator=1,searcher=1,sampler=1,scorer=0',
];
const SEVERAL = [
  // Fewer synthesizers than threads: some thread has to ask another one.
  '--actors=forward=3,backward=2,skeptic=3,synthesizer=1,moderator=3,searcher=3,sampler=2,scorer=2',
  '--threads=3',
];

/** The strategies and the kinds of event that only they have. */
const STRATEGIES: Readonly<Record<string, readonly string[]>> = {
  backward: [],
  debate: ['debate.turn', 'debate.ended'],
  tree: ['tree.expanded', 'tree.ended'],
  anneal: ['strategy.chosen', 'debate.turn', 'debate.ended', 'tree.expanded', 'tree.ended'],
};
const ROLES = ['forward', 'backward', 'skeptic', 'synthesizer'];
const OWN_EVENTS = new Set(Object.values(STRATEGIES).flat());

await runAll(
  folder,
  COMMON,
  Object.fromEntries(
    Object.keys(STRATEGIES).flatMap((strategy) => [
      [strategy, [`--set=strategy=${strategy}`, ...ONE_OF_EACH]],
      // A backward run differs from a forward one in its prompts alone.
      ...(strategy === 'backward'
        ? []
        : [[`${strategy}, several`, [`--set=strategy=${strategy}`, ...SEVERAL]]]),
    ]),
  ),
);

const eventsOf = (name: string): Row[] => readLines(folder, name, 'events.jsonl');
const ofType = (rows: readonly Row[], type: string): Row[] => rows.filter((row) => row.type === type);

for (const [strategy, own] of Object.entries(STRATEGIES)) {
  t.test(`${strategy} trains, accounts for every trajectory and loses nothing`, async (t) => {
    const metrics = readLines(folder, strategy, 'metrics.jsonl');
    t.equal(metrics.length, UPDATES);
    for (const row of metrics) {
      t.equal(outcomeTotal(row), 1);
      t.match(row, { 'outcomes/cancelled': 0, 'outcomes/scorer_error': 0 });
    }
    t.ok(
      metrics.some(({ grad_norm: norm }) => (norm as number) > 0),
      'some update learned something',
    );
    const events = eventsOf(strategy);
    for (const type of ['warning', 'dead.letter', 'actor.restarted'])
      t.same(ofType(events, type), [], `no ${type}`);
    t.same(
      new Set(events.map(({ type }) => type as string).filter((type) => OWN_EVENTS.has(type))),
      new Set(own),
    );
    const summary = JSON.parse(readFileSync(join(folder, strategy, 'summary.json'), 'utf8'));
    t.match(summary, { updates: UPDATES, lost: { events: 0, deadLetters: 0 } });
  });

  if (strategy === 'backward') continue;
  t.test(`${strategy} gives the same run, whatever actors and threads share the work`, async (t) => {
    const [one, several] = [strategy, `${strategy}, several`];
    t.strictSame(fingerprint(join(folder, several), UPDATES), fingerprint(join(folder, one), UPDATES));
    const paths = (name: string) => new Set(ofType(eventsOf(name), 'actor.spawned').map(({ path }) => path));
    t.ok(paths(several).size > paths(one).size + 2, 'more actors took part');
  });
}

t.test(
  'every problem with a right answer is debated, in all four roles unless all agree at once',
  async (t) => {
    const events = eventsOf('debate');
    const ended = ofType(events, 'debate.ended');
    t.ok(ended.length >= UPDATES, `${ended.length} debates`);
    for (const row of ended) {
      t.match(row, { rounds: 1, stop: /^(consensus|unchanged|rounds)$/ });
      const turns = ofType(events, 'debate.turn').filter(({ taskId }) => taskId === row.taskId);
      const roles = new Set(turns.map(({ role }) => role));
      t.same(roles, new Set(row.stop === 'consensus' ? ROLES.slice(0, 2) : ROLES), String(row.taskId));
    }
    const debated = new Set(ended.map(({ taskId }) => taskId));
    const groups = ofType(events, 'group.completed').map(({ groupId, role }) => ({
      task: String(groupId).split('/')[0],
      role,
    }));
    t.equal(new Set(groups.map(({ task }) => task)).size, UPDATES * PROMPTS);
    for (const { task, role } of groups.filter(({ task }) => !debated.has(task)))
      t.equal(role, 'forward', `${task} has no right answer`);
  },
);

t.test('backward actors take every task of their strategy', async (t) => {
  const groups = ofType(eventsOf('backward'), 'group.completed');
  t.equal(groups.length, UPDATES * PROMPTS);
  t.same(new Set(groups.map(({ role }) => role)), new Set(['backward']));
});

t.test('a tree is one group of segments, of as many rollouts as a group has completions', async (t) => {
  const events = eventsOf('tree');
  const ended = ofType(events, 'tree.ended');
  t.equal(ended.length, UPDATES * PROMPTS);
  for (const { taskId, simulations, nodes } of ended) {
    t.equal(simulations, 4, String(taskId));
    t.ok((nodes as number) > 1, `${nodes} nodes`);
    t.equal(ofType(events, 'group.completed').filter(({ groupId }) => groupId === taskId).length, 1);
  }
});

t.test('annealing says what it chose and why, and that is what happens', async (t) => {
  const events = eventsOf('anneal');
  const chosen = ofType(events, 'strategy.chosen');
  for (const { strategy, terms } of chosen) {
    t.match(strategy, /^(forward|backward|debate|tree)$/);
    for (const name of ['field', 'coupling', 'signal', 'cost', 'batchEnergy', 'argmaxEnergy'])
      t.ok(Number.isFinite((terms as Row)[name]), name);
  }
  for (const [strategy, type] of [
    ['debate', 'debate.ended'],
    ['tree', 'tree.ended'],
  ] as const) {
    const tasks = chosen.filter((row) => row.strategy === strategy);
    t.same(
      new Set(ofType(events, type).map(({ taskId }) => taskId)),
      new Set(tasks.map(({ update, promptIndex }) => `u${update}-p${promptIndex}`)),
      type,
    );
  }
  const told = (name: string) => ofType(eventsOf(name), 'strategy.chosen').map(({ time: _, ...row }) => row);
  t.strictSame(told('anneal, several'), told('anneal'));
});
