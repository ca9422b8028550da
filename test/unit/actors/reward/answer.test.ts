import t from 'tap';
import { answersMatch } from '../../../../src/actors/reward/answer.js';
import { CASES, CODE_CASES } from './answer-cases/index.js';

t.test('equal answers in another form are accepted', async (t) => {
  for (const [gold, ...givens] of CASES.accepted) {
    for (const given of givens)
      t.equal(answersMatch(gold, given), true, `${gold} is ${JSON.stringify(given)}`);
  }
});

t.test('every other answer is rejected', async (t) => {
  for (const [gold, ...givens] of CASES.rejected) {
    for (const given of givens) {
      t.equal(answersMatch(gold, given), false, `${gold} is not ${JSON.stringify(given.slice(0, 60))}`);
    }
  }
});

t.test('what a program prints is compared as Python would', async (t) => {
  for (const [gold, ...givens] of CODE_CASES.accepted) {
    for (const given of givens) t.equal(answersMatch(gold, given, 'code'), true, `${gold} is ${given}`);
  }
  for (const [gold, ...givens] of CODE_CASES.rejected) {
    for (const given of givens) t.equal(answersMatch(gold, given, 'code'), false, `${gold} is not ${given}`);
  }
});

t.test('the table is long enough to mean something', async (t) => {
  const count = (rows: typeof CASES.accepted) => rows.reduce((sum, [, ...givens]) => sum + givens.length, 0);
  t.ok(count(CASES.accepted) >= 200, `${count(CASES.accepted)} accepted`);
  t.ok(count(CASES.rejected) >= 400, `${count(CASES.rejected)} rejected`);
});

t.test('an answer matches itself, and no integer matches its neighbours', async (t) => {
  for (let value = -300; value <= 300; value++) {
    t.equal(answersMatch(String(value), String(value)), true);
    for (const change of [-100, -10, -1, 1, 10, 100]) {
      if (answersMatch(String(value), String(value + change))) t.fail(`${value} matched ${value + change}`);
    }
  }
});

t.test('long input of any kind is decided at once', async (t) => {
  // A test never asserts times; a quadratic comparison of these would outlast the file's own limit.
  const length = 2_000_000;
  for (const unit of ['9', '9,', ' ', '[', ',', '1/', '[1, ', '%', '-', ' ,', 'a ', '0.']) {
    const text = unit.repeat(length / unit.length);
    t.equal(answersMatch('36', text), false, `${unit} repeated`);
    t.equal(answersMatch('[1, 2]', `[${text}]`), false, `${unit} repeated in brackets`);
  }
});
