/** Every verifiable answer worked out a second time from the question's text, and every step of arithmetic checked. */
import t from 'tap';
import { generateDataset } from '../../../../src/data/dataset/generate.js';
import { wordCount } from '../../../../src/data/dataset/writing.js';
import { Checks } from '../../../kit/checks.js';
import { SOLVERS } from '../../../kit/dataset-solvers.js';

const examples = [42, 7, 2024].flatMap((seed) => {
  const { train, evaluation } = generateDataset(seed, { augment: true });
  return [...train, ...evaluation];
});
const verifiable = examples.filter((example) => example.metadata.verification === 'verifiable');
const others = examples.filter((example) => example.metadata.verification === 'non_verifiable');

t.test('a second solver finds the answer of every verifiable example, variants included', async (t) => {
  let wrong = 0;
  for (const { question, answer, metadata } of verifiable) {
    const solver = SOLVERS[`${metadata.topic}/${metadata.form}`];
    if (!solver) {
      t.fail(`no solver for ${metadata.topic}/${metadata.form}`);
      continue;
    }
    const found = solver(question, answer);
    if (found !== answer && wrong++ < 20)
      t.fail(`${metadata.id} ${metadata.form}: "${answer}", found "${found}"\n${question}`);
  }
  t.equal(wrong, 0, `${verifiable.length} answers`);
  t.ok(verifiable.length > 7000);
});

t.test('a solver rejects an answer that was changed', async (t) => {
  let missed = 0;
  for (const { question, answer, metadata } of verifiable) {
    const changed = /\d$/.test(answer)
      ? answer.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
      : `${answer}, x`;
    if (SOLVERS[`${metadata.topic}/${metadata.form}`]!(question, changed) === changed) missed++;
  }
  t.equal(missed, 0);
});

t.test('every equation in a trace is true, and most traces have some', async (t) => {
  let equations = 0;
  let wrong = 0;
  let withEquations = 0;
  for (const { reasoning_trace: trace = '', metadata } of verifiable) {
    // Fractions such as 1/2 have no spaces around the sign and are not equations.
    const found = [
      ...trace.matchAll(
        /(?<![\d.)] [-+*/] )(?<![\w^])(-?\d+(?:\.\d+)?) ([-+*/]) (-?\d+(?:\.\d+)?) = (-?\d+(?:\.\d+)?)/g,
      ),
    ];
    if (found.length > 0) withEquations++;
    for (const [text, a, sign, b, c] of found as unknown as [string, string, string, string, string][]) {
      equations++;
      const [x, y] = [Number(a), Number(b)];
      const value = sign === '+' ? x + y : sign === '-' ? x - y : sign === '*' ? x * y : x / y;
      if (Math.abs(value - Number(c)) > 1e-9 && wrong++ < 10)
        t.fail(`${metadata.id} ${metadata.form}: ${text}`);
    }
  }
  t.equal(wrong, 0, `${equations} equations`);
  t.ok(equations > 20_000);
  t.ok(withEquations / verifiable.length > 0.75, `${withEquations} of ${verifiable.length}`);
});

t.test('the trace of a verifiable example ends in its answer', async (t) => {
  const checks = new Checks();
  for (const { reasoning_trace: trace = '', answer, metadata } of verifiable) {
    if (metadata.form === 'plan') {
      const all = answer.split(', ').every((trip, i) => trace.includes(`Trip ${i + 1}: ${trip}.`));
      checks.ok(all, `${metadata.id}: ${trace}`);
    } else {
      const last = trace.split('\n').at(-1)!;
      checks.ok(last.includes(answer), `${metadata.id}: "${answer}" is not in "${last}"`);
    }
  }
  checks.report(t, { moreThan: 7000 });
});

t.test('example answers of the other types keep their own constraints', async (t) => {
  for (const { question, answer, metadata } of others) {
    const { constraints } = metadata;
    if (!constraints) {
      t.fail(`${metadata.id} has no constraints`);
      continue;
    }
    const words = wordCount(answer);
    if (words < constraints.min_words || words > constraints.max_words)
      t.fail(`${metadata.id}: ${words} words`);
    for (const keyword of constraints.required_keywords) {
      if (!answer.toLowerCase().includes(keyword.toLowerCase()))
        t.fail(`${metadata.id}: no "${keyword}" in "${answer}"`);
      if (!question.includes(keyword)) t.fail(`${metadata.id}: the question does not ask for "${keyword}"`);
    }
  }
  t.ok(others.length > 1500);
});

t.test('a summary is much shorter than its source and uses no number of its own', async (t) => {
  const checks = new Checks();
  let numbers = 0;
  for (const { question, answer, type, metadata } of others) {
    if (type !== 'summarization') continue;
    const source = metadata.constraints?.source_text ?? '';
    checks.ok(
      source !== '' && question.endsWith(source),
      `${metadata.id}: the question does not hold the source`,
    );
    const [words, all] = [wordCount(answer), wordCount(source)];
    checks.ok(words <= 0.7 * all, `${metadata.id}: ${words} of ${all} words`);
    for (const number of answer.match(/\d+/g) ?? []) {
      numbers++;
      checks.ok(source.includes(number), `${metadata.id}: ${number} is not in the source`);
    }
  }
  checks.report(t, { moreThan: 600 });
  t.ok(numbers > 100, `${numbers} numbers`);
});

t.test('the questions whose lists have no order are marked, and no others', async (t) => {
  const asksForSet =
    /Who are the knights|Name all the knights|Which of them are knights|controlled variables|are controlled/;
  let lists = 0;
  for (const { question, metadata } of examples) {
    if (metadata.unordered) lists++;
    if (Boolean(metadata.unordered) !== asksForSet.test(question)) t.fail(`${metadata.id}: ${question}`);
  }
  t.ok(lists > 250, `${lists} without order`);
});
