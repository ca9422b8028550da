/** The planner of a run: it learns which strategy pays on which kind of problem, and tells why it chose. */
import t from 'tap';
import type { GroupResult, Problem, Strategy } from '../../../../src/protocol/index.js';
import { Random } from '../../../../src/random.js';
import {
  AnnealingPlanner,
  type StrategyChoice,
} from '../../../../src/techniques/annealing/annealing-planner.js';
import { taskAssign } from '../../../../src/testing/messages.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const STRATEGIES: readonly Strategy[] = ['forward', 'backward', 'debate', 'tree'];

const problemsOf = (types: readonly string[]): Problem[] =>
  types.map((type, i) => ({ ...taskAssign().problem, id: `p${i}`, type, difficulty: 'easy' }));

const result = (promptIndex: number, outcomeMean: number, tokenCount = 100): GroupResult => ({
  promptIndex,
  role: 'forward',
  outcomeMean,
  sampleCount: 8,
  tokenCount,
});

function makePlanner(seed = SEED) {
  const choices: StrategyChoice[] = [];
  const planner = new AnnealingPlanner({
    strategies: STRATEGIES,
    seed,
    onChoice: (choice) => choices.push(choice),
  });
  return { planner, choices };
}

/** Chance of success of each strategy, by type. */
const CHANCES: Readonly<Record<string, Readonly<Record<Strategy, number>>>> = {
  math: { forward: 0.6, backward: 0.1, debate: 0.2, tree: 0.1 },
  logic_puzzle: { forward: 0.1, backward: 0.6, debate: 0.2, tree: 0.1 },
};

function simulate(updates: number, seed: number): { choices: Strategy[][]; types: string[] } {
  const { planner } = makePlanner(seed);
  const types = Array.from({ length: 16 }, (_, i) => (i % 2 ? 'logic_puzzle' : 'math'));
  const random = new Random(seed, 'simulated rewards');
  const choices: Strategy[][] = [];
  for (let update = 0; update < updates; update++) {
    const chosen = planner.choose(update, problemsOf(types));
    choices.push(chosen);
    const groups = chosen.map((strategy, i) => {
      const chance = CHANCES[types[i]!]![strategy];
      const wins = Array.from({ length: 8 }, () => Number(random.uniform() < chance));
      return result(i, wins.reduce((sum, win) => sum + win, 0) / 8);
    });
    planner.learn(update, groups);
  }
  return { choices, types };
}

t.test('each kind of problem gets the strategy that pays for it, after trying all', async (t) => {
  const { choices, types } = simulate(60, SEED);
  t.same(new Set(choices.slice(0, 3).flat()).size, 4, 'all are tried at first');
  const last = choices.slice(-20);
  for (const [type, best] of [
    ['math', 'forward'],
    ['logic_puzzle', 'backward'],
  ]) {
    const given = last.flatMap((chosen) => chosen.filter((_, i) => types[i] === type));
    const share = given.filter((strategy) => strategy === best).length / given.length;
    t.ok(share > 0.7, `${type}: ${best} in ${(100 * share).toFixed(0)} % (seed ${SEED})`);
  }
});

t.test('the same seed makes the same choices, another one others', async (t) => {
  t.same(simulate(5, SEED).choices, simulate(5, SEED).choices);
  t.notSame(simulate(5, SEED).choices, simulate(5, SEED + 1).choices);
});

t.test(
  'a choice is told with its energy terms, and with the gap to the exact optimum of a small batch',
  async (t) => {
    const { planner, choices } = makePlanner();
    const chosen = planner.choose(7, problemsOf(['math', 'math', 'math']));
    t.same(
      choices.map(({ update, promptIndex, strategy }) => [update, promptIndex, strategy]),
      chosen.map((strategy, i) => [7, i, strategy]),
    );
    t.equal(
      new Set(chosen).size,
      3,
      'similar problems of a batch are spread over strategies of which nothing is known',
    );
    for (const { terms } of choices) {
      for (const name of ['field', 'coupling', 'signal', 'cost', 'batchEnergy', 'argmaxEnergy', 'isArgmax'])
        t.ok(Number.isFinite(terms[name]), name);
      t.ok(terms.gap! < 1e-9, `gap ${terms.gap}`);
      t.ok(terms.batchEnergy! <= terms.argmaxEnergy! + 1e-9);
    }
  },
);

t.test('a whole batch of one kind has its gap too', async (t) => {
  const { planner, choices } = makePlanner();
  planner.choose(0, problemsOf(new Array<string>(16).fill('math')));
  t.equal(choices.length, 16);
  for (const { terms } of choices) t.ok(Math.abs(terms.gap!) < 1e-9, `gap ${terms.gap}`);
});

t.test('of two strategies that succeed alike the cheaper one is taken', async (t) => {
  const { planner } = makePlanner();
  for (let update = 0; update < 150; update++) {
    const chosen = planner.choose(update, problemsOf(['math', 'math', 'math', 'math']));
    planner.learn(
      update,
      chosen.map((strategy, i) => result(i, 0.5, strategy === 'backward' ? 50 : 400)),
    );
  }
  const chosen = planner.choose(150, problemsOf(['math', 'math', 'math', 'math']));
  t.same(chosen, ['backward', 'backward', 'backward', 'backward']);
});

t.test('a task without a result, and the reward of a skeptic, teach nothing', async (t) => {
  const { planner } = makePlanner();
  const skeptic = { ...result(0, -1), role: 'skeptic' as const };
  planner.choose(0, problemsOf(['math']));
  planner.learn(0, [skeptic]);
  const { planner: untaught } = makePlanner();
  untaught.choose(0, problemsOf(['math']));
  untaught.learn(0, []);
  t.same(planner.choose(1, problemsOf(['math'])), untaught.choose(1, problemsOf(['math'])));
});

t.test('open problems are worked on forwards, whatever pays elsewhere', async (t) => {
  const { planner, choices } = makePlanner();
  const constraints = { requiredKeywords: ['salt'], minWords: 5, maxWords: 50 };
  const [first, second, third] = problemsOf(['math', 'creative', 'math']);
  const chosen = planner.choose(0, [first!, { ...second!, constraints }, third!]);
  t.equal(chosen[1], 'forward');
  t.same(
    choices.map(({ promptIndex }) => promptIndex),
    [0, 2],
  );
  t.same(planner.choose(1, [{ ...second!, constraints }]), ['forward']);
});
