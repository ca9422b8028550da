/** What a failed run prints, and the code it exits with. */
import t from 'tap';
import { exitCodeOf, renderError } from '../../../../src/cli/views/error-report.js';
import { DialecticError } from '../../../../src/errors.js';

const plain = { debug: false, color: false };

t.test('an expected error is its message alone', async (t) => {
  t.equal(renderError(new DialecticError('CONFIG', 'bad key'), plain), 'error: bad key\n');
});

t.test('an unexpected error is called a defect and points to --debug', async (t) => {
  t.match(renderError(new TypeError('oops'), plain), /^error: oops\n.*--debug/);
  t.match(renderError('text', plain), /^error: text\n/);
});

t.test('a disk that is full is no defect, whoever noticed', async (t) => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  for (const error of [new DialecticError('DISK', 'x: Free some space'), full]) {
    t.match(renderError(error, plain), /^error: .*Free some space.*\n$/);
    t.equal(exitCodeOf(error), 6);
  }
});

t.test('--debug prints the stacks of the error and of its cause', async (t) => {
  const error = new DialecticError('DATA', 'outer', { cause: new RangeError('inner') });
  const text = renderError(error, { debug: true, color: false });
  t.match(text, /DialecticError: outer\n +at /);
  t.match(text, /RangeError: inner\n +at /);
  t.notMatch(renderError(error, plain), /inner|\n +at /);
});

t.test('escape codes inside a message do not reach the terminal', async (t) => {
  t.notMatch(renderError(new DialecticError('DATA', 'a\u001b[2Jb'), plain), '\u001b');
});

t.test('the exit code follows from the kind of error', async (t) => {
  t.equal(exitCodeOf(new DialecticError('CONFIG', '')), 2);
  t.equal(exitCodeOf(new DialecticError('MODEL_FILE', '')), 3);
  t.equal(exitCodeOf(new DialecticError('TRAINING_STOPPED', '')), 5);
  t.equal(exitCodeOf(new Error('')), 1);
});
