/** Wrong claims: always wrong, and of the form that a right one would have. */
import t from 'tap';
import { TOPICS } from '../../../src/data/dataset/catalogue.js';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import { wrongAnswer } from '../../../src/data/wrong-answer.js';
import { Random } from '../../../src/random.js';
import { answersMatch } from '../../../src/rewards/answers/answer.js';

const SEED = 8;
const random = (...key: (string | number)[]): Random => new Random(SEED, 'wrong answer', ...key);

/** Problems with a right answer, and the answers of others of their topic and form. */
const closed = generateDataset(SEED).train.filter(({ metadata }) => metadata.constraints === undefined);
const answersOf = new Map<string, string[]>();
for (const { answer, metadata } of closed) {
  const key = `${metadata.topic}/${metadata.form}`;
  answersOf.set(key, [...(answersOf.get(key) ?? []), answer]);
}

t.test('no claim passes for the answer of a problem of the dataset', async (t) => {
  let made = 0;
  for (const [index, { answer, type, metadata }] of closed.entries()) {
    const others = answersOf.get(`${metadata.topic}/${metadata.form}`)!;
    for (let i = 0; i < 4; i++) {
      const claim = wrongAnswer(answer, others, random(index, i), metadata.unordered);
      if (claim === null) continue;
      made++;
      if (claim === answer || answersMatch(answer, claim, type, metadata.unordered))
        t.fail(`seed ${SEED}, problem ${index}: ${claim} passes for ${answer}`);
    }
  }
  t.ok(made > 0.98 * 4 * closed.length, `${made} claims for ${closed.length} problems`);
});

t.test('a number stays a number and a list a list: one digit changes, or the order', async (t) => {
  const shapeOf = (text: string): string => text.replace(/[0-9]/g, '0');
  let digits = 0;
  for (const [index, { answer, metadata }] of closed.entries()) {
    const claim = wrongAnswer(answer, answersOf.get(`${metadata.topic}/${metadata.form}`)!, random(index));
    if (!/[0-9]/.test(answer)) continue;
    digits++;
    const changed = [...answer].filter((character, i) => character !== claim?.[i]).length;
    if (claim === null || shapeOf(claim) !== shapeOf(answer) || changed !== 1)
      t.fail(`seed ${SEED}, problem ${index}: ${claim} for ${answer}`);
  }
  t.ok(digits > 300, `${digits} answers with digits`);
  t.equal(
    wrongAnswer('take the cat, return alone, take the hen', [], random()),
    'return alone, take the hen, take the cat',
  );
  t.equal(wrongAnswer('Amy, Ben', [], random()), 'Ben, Amy');
  t.equal(wrongAnswer('Amy, Amy', [], random()), 'Amy', 'where every order is the same one');
});

t.test('of a list whose order does not matter one part is left out, any of them', async (t) => {
  for (const [answer, claims] of [
    ['Amy, Ben', ['Amy', 'Ben']],
    ['Amy, Ben, Cal', ['Amy, Ben', 'Amy, Cal', 'Ben, Cal']],
    ['Amy, Amy', ['Amy']],
  ] as const) {
    const made = Array.from({ length: 60 }, (_, i) => wrongAnswer(answer, ['Dov'], random(answer, i), true));
    t.same([...new Set(made)].sort(), claims);
  }
  t.equal(wrongAnswer('Amy', ['Amy', 'Dov'], random(), true), 'Dov');
});

t.test('no claim passes for the knights of a puzzle, nor for the controlled variables', async (t) => {
  const lists = new Map<string, number>();
  for (const name of ['knights_and_knaves', 'scientific_method']) {
    const topic = TOPICS.find((each) => each.name === name)!;
    for (let seed = 0; seed < 600; seed++) {
      const drawn = topic.draw(random(name, seed), seed % 2 === 0 ? 'medium' : 'hard');
      const [scene, wording] = [random(name, seed, 'scene'), random(name, seed, 'wording')];
      const { answer, unordered } = drawn.write(scene, wording);
      const isList = answer.includes(', ');
      if (isList && unordered) lists.set(drawn.form, (lists.get(drawn.form) ?? 0) + 1);
      if (isList !== (isList && unordered)) t.fail(`seed ${seed}: the order of ${answer} would matter`);
      const claim = wrongAnswer(answer, ['Nobody'], random(name, seed, 'claim'), unordered)!;
      if (answersMatch(answer, claim, topic.type, true))
        t.fail(`seed ${seed}: ${claim} passes for ${answer}`);
    }
  }
  t.same([...lists.keys()].sort(), ['controlled_variable', 'knights']);
  t.ok(Math.min(...lists.values()) > 60, JSON.stringify([...lists]));
});

t.test('no claim begins with a zero that the answer does not have', async (t) => {
  for (const answer of ['7', '19', '-3', '1/2', '12, 15', '9 m/s', '[1, 2]']) {
    const claims = new Set(
      Array.from({ length: 200 }, (_, i) => wrongAnswer(answer, [], random(answer, i))!),
    );
    for (const claim of claims) {
      if (/(?<![0-9.])0/.test(claim)) t.fail(`${claim} for ${answer}`);
      if (/\/0/.test(claim)) t.fail(`${claim} divides by zero`);
    }
    t.ok(claims.size >= 8, `${claims.size} claims for ${answer}`);
    t.notOk(claims.has(answer));
  }
  const decimals = new Set(Array.from({ length: 200 }, (_, i) => wrongAnswer('0.5', [], random('0.5', i))));
  t.ok(decimals.has('0.0') && decimals.size > 12, 'behind a point a zero is a digit like others');
});

t.test('a truth value becomes the other one, and text the answer of another problem', async (t) => {
  for (const [answer, claim] of [
    ['yes', 'no'],
    ['no', 'yes'],
    ['unknown', 'yes'],
    ['True', 'False'],
    ['False', 'True'],
  ] as const)
    t.equal(wrongAnswer(answer, ['maybe'], random()), claim);
  const claims = Array.from({ length: 60 }, (_, i) => wrongAnswer('Amy', ['Amy', 'Ben', 'Cal'], random(i)));
  t.same([...new Set(claims)].sort(), ['Ben', 'Cal']);
});

t.test('nothing is claimed where nothing wrong can be made', async (t) => {
  t.equal(wrongAnswer('Amy', [], random()), null);
  t.equal(wrongAnswer('Amy', ['Amy', 'Amy'], random()), null);
});

t.test('equal streams make equal claims', async (t) => {
  for (const answer of ['1234', 'Amy']) {
    const claims = [1, 2].map(() => wrongAnswer(answer, ['Ben', 'Cal', 'Dov', 'Eli'], random('same')));
    t.equal(claims[0], claims[1]);
  }
});
