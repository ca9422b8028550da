/** Options of `solve` that a program gives, where no command line has checked them. */
import t from 'tap';
import { solve } from '../../../src/index.js';
import { packageRoot as root } from '../../../src/package-info.js';
import { SOLVE_DEFAULTS, Solver } from '../../../src/solve/solve.js';

t.test('an option out of range is refused, with what was expected', async (t) => {
  const refused: readonly [object, RegExp][] = [
    [{ samples: 0 }, /^samples is 0; expected an integer from 1 /],
    [{ budget: Number.NaN }, /^budget is NaN; expected an integer from 1 /],
    [{ maxTokens: 0 }, /^maxTokens is 0; expected an integer from 1 /],
    [{ seed: -1 }, /^seed is -1; expected an integer from 0 /],
    [{ temperature: -1 }, /^temperature is -1; expected a number of at least 0/],
    [{ strategy: 'guess' }, /^strategy is guess; expected one of forward, /],
  ];
  for (const [options, message] of refused)
    await t.rejects(solve('1 + 1?', { workingDirectory: root, ...options }), { code: 'CONFIG', message });
});

t.test('an option that is undefined is as if it had been left out', async (t) => {
  const settings = { budget: undefined, samples: undefined } as object;
  const { budget, samples } = new Solver(`${root}/models/nano`).prepare('1 + 1?', settings);
  t.same([budget, samples], [SOLVE_DEFAULTS.budget, 1]);
});
