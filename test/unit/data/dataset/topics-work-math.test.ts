/** The compact traces of the math topics: true equations, an answer at the end, and a length that a small policy can learn. */
import t from 'tap';
import { TOPICS } from '../../../../src/data/dataset/catalogue.js';
import { DIFFICULTIES, type ExampleDifficulty } from '../../../../src/data/dataset/example.js';
import { Random } from '../../../../src/random.js';
import { holds } from '../../../kit/equations.js';

const SEED = 11;
const SAMPLES = 300;

/** Bounds in tokens: of the mean over all topics, of the mean of one topic, and of a single trace. */
const LIMITS: Readonly<Record<ExampleDifficulty, readonly [number, number, number]>> = {
  easy: [40, 60, 125],
  medium: [65, 110, 225],
  hard: [105, 160, 280],
};

/** A word, a digit or a sign is one token. */
const lengthOf = (work: readonly string[]): number =>
  `${work.join('. ')}.`.match(/[A-Za-z]+|\d|[^\sA-Za-z\d]/g)!.length;

const mathTopics = TOPICS.filter(({ type }) => type === 'math');

for (const difficulty of DIFFICULTIES) {
  const means: number[] = [];
  for (const topic of mathTopics) {
    t.test(
      `${difficulty} ${topic.name}: every equation holds, and the last step states the answer`,
      async (t) => {
        const faults: string[] = [];
        const lengths: number[] = [];
        for (let i = 0; i < SAMPLES; i++) {
          const drawn = topic.draw(new Random(SEED, topic.name, difficulty, i), difficulty);
          const {
            work = [],
            answer,
            question,
          } = drawn.write(new Random(SEED, 'scene', i), new Random(SEED, 'wording', i));
          const where = `seed ${SEED}, example ${i}, ${question}`;
          lengths.push(lengthOf(work));
          const words = (work.at(-1) ?? '')
            .split(' = ')
            .at(-1)!
            .replace(/^(answer|roots) /, '');
          if (words !== answer) faults.push(`${where}: ends with "${work.at(-1)}", not ${answer}`);
          for (const part of work.flatMap((step) => step.split(', '))) {
            if (part.includes('=') && !holds(part)) faults.push(`${where}: ${part}`);
          }
        }
        t.same(faults, []);
        const mean = lengths.reduce((a, b) => a + b) / SAMPLES;
        const max = Math.max(...lengths);
        means.push(mean);
        t.comment(`tokens: mean ${mean.toFixed(0)}, max ${max}`);
        const [, meanLimit, maxLimit] = LIMITS[difficulty];
        t.ok(mean <= meanLimit, `mean ${mean}`);
        t.ok(max <= maxLimit, `max ${max}`);
      },
    );
  }
  t.test(`${difficulty} math is short on average`, async (t) => {
    const mean = means.reduce((a, b) => a + b) / means.length;
    t.equal(means.length, mathTopics.length);
    t.ok(mean <= LIMITS[difficulty][0], `mean ${mean}`);
  });
}

t.test('a percentage, a split of a sum and a common denominator are worked in few steps', async (t) => {
  const workOf = (name: string, form: string, parameters: string): readonly string[] | undefined => {
    const topic = mathTopics.find((candidate) => candidate.name === name)!;
    for (let i = 0; i < 20_000; i++) {
      const drawn = topic.draw(new Random(SEED, 'find', i), 'easy');
      if (drawn.form !== form || drawn.parameters !== parameters) continue;
      return drawn.write(new Random(SEED), new Random(SEED)).work;
    }
    return undefined;
  };
  t.same(workOf('percentages', 'before', '420,25')?.slice(0, 2), ['100 - 25 = 75', '75/100 = 3/4']);
  t.same(workOf('quadratic_equations', 'roots', '1,-10,21'), [
    'sum 10, product 21',
    '5 + 5 = 10',
    '5 * 5 = 25',
    '25 - 21 = 4',
    '2 * 2 = 4',
    '5 - 2 = 3',
    '5 + 2 = 7',
    'roots 3, 7',
  ]);
  t.same(workOf('fractions', 'sum', '1/2+1/3'), [
    '1 * 3 = 3',
    '1 * 2 = 2',
    '2 * 3 = 6',
    '3 + 2 = 5',
    'answer 5/6',
  ]);
});
