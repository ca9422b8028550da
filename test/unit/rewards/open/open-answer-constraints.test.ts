/** Open answers under the constraints that their questions state: the gate, the order of honest answers, and tricks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { generateDataset } from '../../../../src/data/dataset/generate.js';
import { completionText } from '../../../../src/data/prompt.js';
import type { OpenConstraints } from '../../../../src/protocol/index.js';
import { assessOpenAnswer, type OpenProblem, openScore } from '../../../../src/rewards/open/open-answer.js';
import { answerReward } from '../../../../src/rewards/rewards.js';
import { packageRoot } from '../../../kit/root.js';

const LEVELS = ['poor', 'weak', 'fair', 'good'] as const;
type Item = OpenProblem & {
  readonly id: string;
  readonly question: string;
  readonly constraints: OpenConstraints;
  readonly answers: Readonly<Record<(typeof LEVELS)[number], string>>;
};
const file = join(packageRoot, 'test', 'fixtures', 'open-answers.json');
const { items } = JSON.parse(readFileSync(file, 'utf8')) as { items: readonly Item[] };

/** Ranks from 0, equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  return values.map(
    (value) =>
      values.filter((other) => other < value).length +
      (values.filter((other) => other === value).length - 1) / 2,
  );
}

/** Spearman's ρ: the correlation of the ranks, ties included. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const mean = (a.length - 1) / 2;
  const sum = (f: (i: number) => number): number => x.reduce((total, _, i) => total + f(i), 0);
  const covariance = sum((i) => (x[i]! - mean) * (y[i]! - mean));
  return covariance / Math.sqrt(sum((i) => (x[i]! - mean) ** 2) * sum((i) => (y[i]! - mean) ** 2));
}

t.test('answers written in four levels of quality are ranked as they were meant', async (t) => {
  const levels = items.flatMap(() => LEVELS.map((_, level) => level));
  const scores = items.flatMap((item) => LEVELS.map((level) => openScore(item.answers[level], item)));
  t.equal(scores.length, 24);
  t.equal(spearman([1, 2, 2, 3], [1, 2, 2, 3]), 1);
  const rho = spearman(levels, scores);
  t.ok(rho >= 0.6, `ρ = ${rho}: ${scores.map((score) => score.toFixed(2))}`);
  for (const item of items) t.ok(openScore(item.answers.good, item) > openScore(item.answers.weak, item));
});

t.test(
  'every example of the dataset earns full marks on its own problem, and none without a keyword',
  async (t) => {
    const { train, evaluation } = generateDataset(11);
    let count = 0;
    for (const { question, answer, type, metadata } of [...train, ...evaluation]) {
      if (!metadata.constraints) continue;
      count++;
      const { required_keywords, min_words, max_words, source_text } = metadata.constraints;
      const constraints: OpenConstraints = {
        requiredKeywords: [...required_keywords],
        minWords: min_words,
        maxWords: max_words,
        sourceText: source_text,
      };
      const problem = { question, answer, type, keywords: metadata.keywords, constraints };
      const { score, broken } = assessOpenAnswer(answer, problem);
      if (score < 0.999) t.fail(`${metadata.id} earns ${score} (${broken}): ${answer}`);
      const without = answer.replace(new RegExp(required_keywords[0]!, 'gi'), 'it');
      if (openScore(without, problem) !== 0) t.fail(`${metadata.id} lacks a keyword: ${without}`);
    }
    t.ok(count > 150, `${count} open examples`);
  },
);

/** The first words of a text, as many as a length allows. */
const cut = (text: string, words: number): string => text.split(/\s+/).slice(0, words).join(' ');
/** A text again and again until it has `words` words. */
const fill = (text: string, words: number): string => cut(`${text} `.repeat(words), words);

/** What a policy may try instead of answering, by name. */
function attacksOn({ question, constraints, answers }: Item): Record<string, string> {
  const { requiredKeywords, minWords, maxWords, sourceText } = constraints;
  const listed = requiredKeywords.join(', ');
  const joined = requiredKeywords.join(' and the ');
  const filler = 'and it is as it was, so that we have it and they do not, for all that there is in it';
  return {
    empty: '',
    'keywords alone': listed,
    'keyword stuffing': fill(`${listed}, ${requiredKeywords.join(' ')},`, minWords + 5),
    'keyword stuffing in a sentence': cut(`It is about the ${joined}, ${filler}, ${filler}.`, maxWords),
    'length alone': fill(`${filler}.`, minWords + 5),
    'copied source': cut(sourceText ?? question, maxWords),
    'copied question': cut(question, maxWords),
    'copied limits': fill(`Use ${minWords} to ${maxWords} words. It must contain ${joined}.`, minWords + 5),
    'limits in other words': cut(
      `This text has between ${minWords} and ${maxWords} words and it does contain the ${joined}, as the task asks for, and nothing else is in it because no more than this was asked for by anyone.`,
      maxWords,
    ),
    'one sentence repeated': fill(`There is the ${joined}.`, minWords + 8),
    'punctuation for length': `It has the ${joined}. ${'. '.repeat(minWords)}`,
    'one long run': `It has the ${joined} in it. ${answers.good.replaceAll(' ', '-').repeat(20)} ${'a '.repeat(minWords)}`,
    'too long': `${answers.good} ${answers.fair} ${answers.good.toUpperCase()} ${answers.weak}`,
    'all keywords but one': answers.good.replaceAll(new RegExp(requiredKeywords.at(-1)!, 'gi'), 'it'),
  };
}

t.test('tricks earn less than honest answers', async (t) => {
  let tried = 0;
  for (const item of items) {
    const honest = LEVELS.slice(1).map((level) => openScore(item.answers[level], item));
    const median = honest.sort((a, b) => a - b)[1]!;
    for (const [name, answer] of Object.entries(attacksOn(item))) {
      const score = openScore(answer, item);
      t.ok(score < median, `${item.id}, ${name}: ${score}, honest ${median}: ${answer.slice(0, 60)}`);
      tried++;
    }
    const inReasoning = completionText(item.answers.good, 'as above');
    t.same(answerReward.score([{ ...item, completion: inReasoning }]), [0], 'answer in the reasoning only');
  }
  t.equal(tried, items.length * 14);
});

t.test('a required keyword counts as whole words, in any case and across lines', async (t) => {
  const problem = (keyword: string): OpenProblem => ({
    type: 'science',
    answer: `It is said that ${keyword} is what it takes.`,
    constraints: { requiredKeywords: [keyword], minWords: 1, maxWords: 50 },
  });
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['ink', 'The INK was on the table.', true],
    ['ink', 'She began to think of the drink.', false],
    ['300 crowns', 'It costs 300\n  crowns in all of it.', true],
    ['300 crowns', 'It costs 1,300 crowns in all of it.', false],
    ['21 percent', 'It fell by 3.21 percent in the year.', false],
    ['21 percent', 'It fell by 21 percent, in the year.', true],
    ['C++ (2011)', 'It was in C++ (2011) that we had it.', true],
    ['C++ (2011)', 'It was in C and (2011) that we had it.', false],
    ['memory cells', 'There is memory in the cells of it.', false],
  ];
  for (const [keyword, answer, isThere] of cases) {
    const { broken } = assessOpenAnswer(answer, problem(keyword));
    t.equal(!broken.includes('a keyword is missing'), isThere, `${keyword}: ${answer}`);
  }
});

t.test('length is counted in runs of what is no white space, both limits included', async (t) => {
  const constraints = { requiredKeywords: [], minWords: 6, maxWords: 8 };
  const words = ['It', 'was', 'in', 'the', 'old', 'town', 'that', 'we', 'met'];
  const broken = [5, 6, 7, 8, 9].map((count) =>
    assessOpenAnswer(words.slice(0, count).join('  '), {
      answer: words.join(' '),
      constraints,
    }).broken.join(),
  );
  t.same(broken, ['too short', '', '', '', 'too long']);
});

t.test('constraints make a problem of any type open, and its source is not to be copied', async (t) => {
  const source =
    'The bridge over the river has cracks in it, so the council will build it again and close it for two years.';
  const problem: OpenProblem = {
    type: 'math',
    question: 'Say it shortly.',
    answer: 'The cracked bridge is built again within two years.',
    constraints: { requiredKeywords: ['bridge'], minWords: 5, maxWords: 30, sourceText: source },
  };
  t.same(assessOpenAnswer(source, problem).broken, ['copied']);
  const completion = completionText('I look for the core.', problem.answer);
  t.same(answerReward.score([{ ...problem, completion }]), [1]);
});
