import t from 'tap';
import { answersAgree, answersMatch } from '../../../../src/rewards/answers/answer.js';
import { Checks } from '../../../kit/checks.js';
import { CASES, CODE_CASES, UNORDERED_CASES } from './answer-cases/index.js';

t.test('equal answers in another form are accepted', async (t) => {
  const checks = new Checks();
  for (const [gold, ...givens] of CASES.accepted) {
    for (const given of givens) checks.ok(answersMatch(gold, given), `${gold} is ${JSON.stringify(given)}`);
  }
  checks.report(t, { moreThan: 199 });
});

t.test('every other answer is rejected', async (t) => {
  const checks = new Checks();
  for (const [gold, ...givens] of CASES.rejected) {
    for (const given of givens)
      checks.ok(!answersMatch(gold, given), `${gold} is not ${JSON.stringify(given.slice(0, 60))}`);
  }
  checks.report(t, { moreThan: 399 });
});

t.test('what a program prints is compared as Python would', async (t) => {
  const checks = new Checks();
  for (const [gold, ...givens] of CODE_CASES.accepted) {
    for (const given of givens) checks.ok(answersMatch(gold, given, 'code'), `${gold} is ${given}`);
  }
  for (const [gold, ...givens] of CODE_CASES.rejected) {
    for (const given of givens) checks.ok(!answersMatch(gold, given, 'code'), `${gold} is not ${given}`);
  }
  checks.report(t, { moreThan: 29 });
});

t.test('a list whose order does not matter is compared by its parts, each of them once', async (t) => {
  const checks = new Checks();
  for (const type of ['logic_puzzle', undefined]) {
    for (const [gold, ...givens] of UNORDERED_CASES.accepted) {
      for (const given of givens)
        checks.ok(answersMatch(gold, given, type, true), `${gold} is ${JSON.stringify(given)}`);
    }
    for (const [gold, ...givens] of UNORDERED_CASES.rejected) {
      for (const given of givens)
        checks.ok(!answersMatch(gold, given, type, true), `${gold} is not ${JSON.stringify(given)}`);
    }
  }
  t.equal(answersMatch('3, 17', '17, 3', 'code', true), true, 'of code too');
  t.equal(answersMatch('3, 17', '17, 3', 'code'), false, 'unless its order matters');
  checks.report(t, { moreThan: 70 });
});

t.test('two answers agree whichever is taken for the right one', async (t) => {
  const problem = { type: 'logic_puzzle', unordered: true };
  t.ok(answersAgree('Bo, Ada', 'Ada, Bo', problem), 'in any order where it does not matter');
  t.notOk(answersAgree('Bo, Ada', 'Ada, Bo', { type: 'logic_puzzle' }));
  t.notOk(answersAgree('Ada', 'Ada, Bo', problem));
  for (const [a, b] of [
    ['3', 'x = 3'],
    ['x = 3', '3'],
  ] as const)
    t.ok(answersAgree(a, b, { type: 'math' }), `${a} and ${b}`);
  t.notOk(answersAgree('0.5 m', '50 cm', { type: 'code' }), 'as the problem compares them');
});

t.test('any order of distinct names is right, and no other list of them', async (t) => {
  const checks = new Checks();
  const names = ['Ada', 'Bo', 'Cy', 'Di'];
  for (let bits = 1; bits < 16; bits++) {
    const gold = names.filter((_, k) => (bits >> k) & 1);
    // Every list of up to four of the names, with repetitions.
    for (let code = 0; code < 5 ** 4; code++) {
      const given = [1, 5, 25, 125].flatMap((unit) => names[(Math.floor(code / unit) % 5) - 1] ?? []);
      const isRight =
        given.length === gold.length &&
        new Set([...given, ...gold]).size === new Set(given).size &&
        new Set(given).size === gold.length;
      const [wanted, found] = [gold.join(', '), given.join(', ')];
      checks.same(
        answersMatch(wanted, found, 'logic_puzzle', true),
        isRight,
        `${found} for ${wanted}, in any order`,
      );
      checks.same(
        answersMatch(wanted, found, 'logic_puzzle'),
        wanted === found,
        `${found} for ${wanted}, in order`,
      );
    }
  }
  checks.report(t, { moreThan: 2 * 15 * 5 ** 4 - 1 });
});

t.test('an answer matches itself, and no integer matches its neighbours', async (t) => {
  const checks = new Checks();
  for (let value = -300; value <= 300; value++) {
    checks.ok(answersMatch(String(value), String(value)), `${value} did not match itself`);
    for (const change of [-100, -10, -1, 1, 10, 100]) {
      const other = value + change;
      checks.ok(!answersMatch(String(value), String(other)), `${value} matched ${other}`);
    }
  }
  checks.report(t, { moreThan: 4200 });
});

t.test('long input of any kind is decided at once', async (t) => {
  // A test never asserts times; a quadratic comparison of these would outlast the file's own limit.
  const length = 2_000_000;
  for (const unit of ['9', '9,', ' ', '[', ',', '1/', '[1, ', '%', '-', ' ,', 'a ', '0.']) {
    const text = unit.repeat(length / unit.length);
    t.equal(answersMatch('36', text), false, `${unit} repeated`);
    t.equal(answersMatch('[1, 2]', `[${text}]`), false, `${unit} repeated in brackets`);
    t.equal(answersMatch('Ada, Bo', text, 'logic_puzzle', true), false, `${unit} repeated as a list`);
  }
});
