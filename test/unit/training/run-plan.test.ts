/** The module of a plan of one's own: what is refused before anything is written. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { train } from '../../../src/index.js';

t.test('a plan that cannot be had rejects the summary, and leaves no run behind', async (t) => {
  const folder = t.testdir({
    'data.js': 'export default 42;',
    'throws.js': "throw new Error('out of order');",
  });
  const refused: readonly [string | URL, RegExp][] = [
    ['data.js', /^plan: file:.+data\.js has no function as its default export; expected a default export/],
    ['throws.js', /^plan: file:.+throws\.js cannot be imported \(out of order\)/],
    ['missing.js', /^plan: file:.+missing\.js cannot be imported/],
    [new URL('https://plans.example/plan.js'), /^plan: https:.+ cannot be imported/],
  ];
  for (const [plan, message] of refused) {
    const run = train({ runDir: join(folder, 'run') }, { plan, workingDirectory: folder });
    await t.rejects(run.summary, { code: 'CONFIG', message }, String(plan));
  }
  t.notOk(existsSync(join(folder, 'run')));
});

t.test('a plan that no problem would get is refused', async (t) => {
  const folder = t.testdir({ 'plan.js': 'export default () => ({});' });
  for (const strategy of ['backward', 'tree'] as const) {
    const options = { plan: 'plan.js', workingDirectory: folder };
    const message = new RegExp(
      `^plan with strategy ${strategy}: it makes plans of the forward strategy only`,
    );
    await t.rejects(train({ strategy }, options).summary, { code: 'CONFIG', message });
  }
  t.notOk(existsSync(join(folder, 'runs')));
});
