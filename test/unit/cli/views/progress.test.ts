/** The progress line. */
import t from 'tap';
import {
  clock,
  compact,
  type Progress,
  remainingSeconds,
  renderProgress,
  sparkline,
} from '../../../../src/cli/views/progress.js';

const state: Progress = {
  phase: 'training',
  evaluation: null,
  update: 12,
  updates: 120,
  rewards: [0, 0.25, 0.5, 0.62],
  accuracy: 0.581,
  tokensPerSecond: { rollout: 31_000, learner: 1 },
  stepSeconds: [0.4, 0.4, 9, 0.4],
};
const evaluating = (update: number): Progress => ({
  ...state,
  phase: 'evaluating',
  evaluation: { update, done: 30, total: 300 },
});
const wide = { width: 120, color: false, graphics: true };

t.test('the line shows update, bar, rewards, accuracy, speed and time left', async (t) => {
  t.equal(
    renderProgress(state, wide),
    'update 12/120 ▕██░░░░░░░░░░░░░░▏ ▁▄▇█ reward 0.62 accuracy 58.1 % tok/s 31k ETA 0:43',
  );
});

t.test('without graphics it is plain ASCII', async (t) => {
  const line = renderProgress(state, { ...wide, graphics: false });
  t.equal(line, 'update 12/120 reward 0.62 accuracy 58.1 % tok/s 31k ETA 0:43');
});

t.test('no width is ever exceeded, and the numbers stay longest', async (t) => {
  for (let width = 0; width < 100; width++) {
    const line = renderProgress(state, { ...wide, width });
    if ([...line].length > width) t.fail(`${line.length} columns of ${width}: ${line}`);
  }
  t.notMatch(renderProgress(state, { ...wide, width: 80 }), '▁');
  t.match(renderProgress(state, { ...wide, width: 80 }), '▕');
  t.match(renderProgress(state, { ...wide, width: 62 }), /^update 12\/120 reward/);
});

t.test('colours are there only when asked for', async (t) => {
  t.notMatch(renderProgress(state, wide), '\u001b');
  t.match(renderProgress(state, { ...wide, color: true }), '\u001b');
});

t.test('before the first update there is only the count', async (t) => {
  const start = { ...state, update: 0, rewards: [], stepSeconds: [] };
  t.equal(renderProgress(start, { ...wide, graphics: false }), 'update 0/120');
  t.match(renderProgress({ ...start, updates: 0 }, wide), /^update 0\/0 ▕█{16}▏$/);
});

t.test('an evaluation shows its label and count', async (t) => {
  const line = renderProgress(evaluating(0), wide);
  t.equal(line, 'evaluating (before) 30/300 ▕██░░░░░░░░░░░░░░▏');
  t.match(renderProgress(evaluating(40), wide), /^evaluating \(update 40\) 30\/300 /);
  t.match(renderProgress(evaluating(120), wide), /^evaluating \(after\) 30\/300 /);
  t.match(renderProgress({ ...evaluating(0), updates: 0 }, wide), /\(before\)/, 'without updates too');
  t.equal(renderProgress({ ...state, phase: 'starting' }, wide), '');
});

t.test(
  'the time left is the median step times the steps left, so one slow step does not move it',
  async (t) => {
    t.equal(remainingSeconds([1, 1, 100, 1, 1], 10), 10);
    t.equal(remainingSeconds([1, 3], 10), 20);
    t.equal(remainingSeconds([5], 0), 0);
    t.equal(remainingSeconds([], 10), undefined);
    t.equal(remainingSeconds([...Array(50).fill(9), ...Array(15).fill(2)], 1), 2);
  },
);

t.test('times, large numbers and curves are written shortly', async (t) => {
  t.same([0, 42.4, 725, 3725].map(clock), ['0:00', '0:42', '12:05', '1:02:05']);
  t.same([0, 950, 999.7, 3149, 9960, 31_000, 999_499, 1.23e6].map(compact), [
    '0',
    '950',
    '1.0k',
    '3.1k',
    '10k',
    '31k',
    '999k',
    '1.2M',
  ]);
  t.equal(compact(Number.NaN), '?');
  t.equal(sparkline([0, 1, 0.5]), '▁█▅');
  t.equal(sparkline([2, 2]), '▄▄');
  t.equal(sparkline([0, Number.NaN, 1]), '▁·█');
  t.equal(sparkline([]), '');
});
