/** The short work of science, creative and summarization topics: right, complete, short, and in words that are known. */
import t from 'tap';
import { TOPICS } from '../../../../src/data/dataset/catalogue.js';
import {
  DIFFICULTIES,
  type ExampleDifficulty,
  type Topic,
  type Written,
} from '../../../../src/data/dataset/example.js';
import { Random } from '../../../../src/random.js';
import { checkArithmetic } from '../../../../src/rewards/arithmetic.js';

const SEED = 42;
const EXAMPLES = 200;

/** Most tokens of verifiable work. The longest are means of five values and products of many digits. */
const LONGEST: Readonly<Record<string, Readonly<Record<ExampleDifficulty, number>>>> = {
  physics: { easy: 60, medium: 90, hard: 300 },
  chemistry: { easy: 160, medium: 250, hard: 250 },
  biology: { easy: 110, medium: 160, hard: 230 },
  scientific_method: { easy: 125, medium: 320, hard: 400 },
};
const LONGEST_PLAN = 60;

/** Words of the work that neither the question nor the answer need to hold. */
const OWN_WORDS = new Set(
  'answer carry borrow variable of and explain use then reason advice agree disagree change no'.split(' '),
);

/** Tokens of a tokenizer that knows every word: a digit each; a space belongs to its neighbours. */
const TOKEN = /[0-9]| ?[A-Za-z]+(?: (?=[0-9]))?| ?[^A-Za-z0-9 ]+(?: (?=[0-9]))?/g;

const textOf = (work: readonly string[]): string => work.map((entry) => `${entry}.`).join(' ');
const tokensOf = (work: readonly string[]): number => textOf(work).match(TOKEN)!.length;
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? [];

interface Sample {
  readonly written: Written;
  readonly work: readonly string[];
  readonly difficulty: ExampleDifficulty;
  readonly form: string;
  /** What a failing check is found again by. */
  readonly at: string;
}

function samplesOf(topic: Topic): Sample[] {
  return DIFFICULTIES.flatMap((difficulty) =>
    Array.from({ length: EXAMPLES }, (_, i) => {
      const key = [SEED, topic.name, difficulty, i] as const;
      const drawn = topic.draw(new Random(...key), difficulty);
      const written = drawn.write(new Random(...key, 'scene'), new Random(...key, 'wording'));
      const { work = [] } = written;
      return { written, work, difficulty, form: drawn.form, at: `${key.join(', ')}: ${textOf(work)}` };
    }),
  );
}

const SAMPLES = TOPICS.filter(({ type }) => ['science', 'creative', 'summarization'].includes(type)).map(
  (topic) => [topic.name, samplesOf(topic)] as const,
);
const verifiable = SAMPLES.map(
  ([name, samples]) => [name, samples.filter(({ written }) => !written.constraints)] as const,
).filter(([, samples]) => samples.length > 0);
const open = SAMPLES.flatMap(([, samples]) => samples.filter(({ written }) => written.constraints));

t.test('every form of every open topic has work, in sentences without a full stop', async (t) => {
  t.equal(SAMPLES.length, 12);
  for (const [name, samples] of SAMPLES) {
    const bad = samples.filter(({ work }) => work.length === 0 || work.some((entry) => /^$|\.$/.test(entry)));
    t.same(
      bad.map(({ at }) => at),
      [],
      name,
    );
  }
});

t.test('verifiable work ends with the answer, and each of its equations holds', async (t) => {
  t.same(verifiable.map(([name]) => name).sort(), Object.keys(LONGEST).sort());
  for (const [name, samples] of verifiable) {
    let equations = 0;
    for (const { written, work, at } of samples) {
      if (work.at(-1) !== `answer ${written.answer}`) t.fail(at);
      for (const part of work.flatMap((entry) => entry.split(', '))) {
        if (!part.includes('=')) continue;
        const { checked, wrong } = checkArithmetic(part);
        if (checked !== 1 || wrong !== 0) t.fail(`${part} in ${at}`);
        equations++;
      }
    }
    t.ok(equations > samples.length, `${name}: ${equations} equations`);
  }
});

t.test('the answer of a calculation is the result of its last equation', async (t) => {
  let found = 0;
  for (const [, samples] of verifiable) {
    for (const { written, work, at, form } of samples) {
      const last = work.findLast((entry) => entry.includes(' = '));
      if (!last) continue;
      // A first gene that no offspring shows leaves nothing to work out for the second one.
      if (written.answer === '0' && form === 'two_genes') continue;
      found++;
      if (last.split(' = ').at(-1) !== written.answer.split(' ')[0]) t.fail(at);
    }
  }
  t.ok(found > 1000, `${found} calculations`);
});

t.test('the variable asked for is copied from the question with its label', async (t) => {
  let found = 0;
  for (const [, samples] of verifiable) {
    for (const { written, work, at, form } of samples) {
      if (!form.endsWith('_variable')) continue;
      found++;
      if (!written.question.includes(`${work[1]}.`)) t.fail(at);
    }
  }
  t.ok(found > 100, `${found} questions`);
});

t.test('a plan names every required word, and the answer follows', async (t) => {
  t.ok(open.length > 8 * 3 * EXAMPLES);
  for (const { written, work, at } of open) {
    const text = textOf(work).toLowerCase();
    for (const word of written.constraints!.required_keywords) {
      if (!text.includes(word.toLowerCase())) t.fail(`${word} is not in ${at}`);
    }
    if (text.includes(written.answer.toLowerCase())) t.fail(`the answer stands in ${at}`);
  }
});

t.test('work takes its words from the question and the answer', async (t) => {
  for (const [name, samples] of SAMPLES) {
    const strange = new Set<string>();
    for (const { written, work } of samples) {
      const known = new Set(wordsOf(`${written.question} ${written.answer}`));
      for (const word of wordsOf(textOf(work))) {
        const isGenotype = name === 'biology' && /^([a-z])\1?$/.test(word);
        if (!known.has(word) && !OWN_WORDS.has(word) && !isGenotype) strange.add(word);
      }
    }
    t.same([...strange], [], name);
  }
});

t.test('work is short', async (t) => {
  for (const [name, samples] of verifiable) {
    for (const { work, difficulty, at } of samples) {
      if (tokensOf(work) > LONGEST[name]![difficulty]) t.fail(`${tokensOf(work)} tokens: ${at}`);
    }
  }
  const plans = open.map(({ work }) => tokensOf(work));
  t.ok(Math.max(...plans) <= LONGEST_PLAN, `longest plan: ${Math.max(...plans)} tokens`);
});
