/** The view: when it draws, and what it sends to which kind of stream. */
import t from 'tap';
import { hasColor, type TerminalOptions, TerminalView } from '../../../../src/cli/views/terminal.js';
import { initialRunState, type RunState } from '../../../../src/observe/run-state.js';

function training(update: number, updates = 100): RunState {
  return {
    ...initialRunState,
    phase: 'training',
    update,
    updates,
    rewards: [0.5],
    accuracy: 0.5,
    tokensPerSecond: { rollout: 1, learner: 1 },
    stepSeconds: [1],
  };
}

/** A view on a stream in memory and a clock that the test moves. */
function view(options: Partial<TerminalOptions> & { isTTY?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  const time = { ms: 0 };
  const { isTTY = true, columns = 100 } = options;
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const terminal = new TerminalView({
    stream,
    env: {},
    color: true,
    quiet: false,
    now: () => time.ms,
    ...options,
  });
  return { terminal, written, time };
}

t.test('a terminal is redrawn at most ten times a second and shows the last state', async (t) => {
  const { terminal, written, time } = view();
  for (let update = 1; update <= 100; update++) {
    terminal.show(training(update));
    time.ms += 10;
  }
  t.equal(written.length, 10);
  terminal.finish();
  t.match(written.at(-2), 'update 100/100');
  t.equal(written.at(-1), '\n');
});

t.test('a terminal that does not know its width gets a line of 79 columns', async (t) => {
  const { terminal, written } = view({ columns: 0 });
  terminal.show(training(3));
  t.match(written[0], /update 3\/100/);
});

t.test('elsewhere about twenty plain lines appear, the last state among them', async (t) => {
  const { terminal, written } = view({ isTTY: false });
  for (let update = 0; update <= 107; update++) terminal.show(training(update, 107));
  terminal.finish();
  t.equal(written.length, 18);
  t.match(written.at(-1), /^update 107\/107 .*\n$/);
  t.notMatch(written.join(''), /[\u001b\r▕▁]/);
});

t.test('an evaluation elsewhere is one line', async (t) => {
  const { terminal, written } = view({ isTTY: false });
  for (let done = 0; done <= 300; done += 50) {
    terminal.show({ ...training(0), phase: 'evaluating', evaluation: { update: 0, done, total: 300 } });
  }
  t.same(written, ['evaluating (before) 0/300\n']);
});

t.test('a dumb terminal gets plain lines', async (t) => {
  const { terminal, written } = view({ env: { TERM: 'dumb' } });
  terminal.show(training(100));
  terminal.finish();
  t.notMatch(written.join(''), /[\u001b\r]/);
  t.match(written.join(''), 'update 100/100');
});

t.test('a note erases the status line and puts it back below', async (t) => {
  const { terminal, written } = view();
  terminal.show(training(1));
  terminal.note('checkpoint written');
  t.equal(written[1], '\r\u001b[2Kcheckpoint written\n');
  t.match(written[2], 'update 1/100');
});

t.test('quiet leaves warnings only', async (t) => {
  const { terminal, written } = view({ quiet: true });
  terminal.show(training(1));
  terminal.note('note');
  terminal.warn('careful\u001b[2J');
  terminal.finish();
  t.same(written, ['careful\n']);
});

t.test(
  'each alarm is one line, even under quiet, and those that a state no longer holds are not made up',
  async (t) => {
    const { terminal, written } = view({ quiet: true });
    const alarms = ['one', 'two', 'three'].map((text) => ({ time: 0, text }));
    terminal.show({ ...training(1), alarms: alarms.slice(0, 1), alarmCount: 1 });
    terminal.show({ ...training(1), alarms: alarms.slice(0, 1), alarmCount: 1 });
    t.same(written, ['one\n']);
    terminal.show({ ...training(2), alarms: alarms.slice(1), alarmCount: 9 });
    t.same(written, ['one\n', 'two\n', 'three\n']);
  },
);

t.test('before the first evaluation and after the last one nothing is drawn', async (t) => {
  const { terminal, written } = view();
  terminal.show(initialRunState);
  terminal.show({ ...training(100), phase: 'finishing' });
  terminal.finish();
  t.same(written, []);
});

t.test('colour needs a terminal that wants it', async (t) => {
  const stream = { isTTY: true, write: () => {} };
  t.equal(hasColor({ stream, env: {}, color: true }), true);
  t.equal(hasColor({ stream, env: { NO_COLOR: '1' }, color: true }), false);
  t.equal(hasColor({ stream, env: { NO_COLOR: '' }, color: true }), true);
  t.equal(hasColor({ stream, env: { TERM: 'dumb' }, color: true }), false);
  t.equal(hasColor({ stream, env: {}, color: false }), false);
  t.equal(hasColor({ stream: { ...stream, isTTY: false }, env: {}, color: true }), false);
});
