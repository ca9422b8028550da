import t from 'tap';
import { completionText } from '../../../../src/data/prompt.js';
import { assessOpenAnswer, isOpen, openScore } from '../../../../src/rewards/open/open-answer.js';
import { answerReward } from '../../../../src/rewards/rewards.js';
import { rougeL, stemOf, wordsOf } from '../../../../src/rewards/text-measures.js';

const story = {
  type: 'creative',
  question: 'Write an opening paragraph for a story about a world where dreams are traded as currency.',
  answer:
    'In the Oneiroi Exchange, Maya clutched her last vial of midnight blue essence, a recurring dream of flying through crystal caverns that had sustained her for weeks.',
  keywords: ['dream', 'trade', 'exchange', 'vial'],
};
const SOURCE =
  'The city council met on Tuesday to decide about the old bridge over the river. Engineers had reported cracks in 14 of its 20 beams, and drivers had complained about closed lanes for months. After a long debate the council voted 9 to 3 to rebuild the bridge from scratch, at a cost of 40 million euros, and to run a free ferry during the two years of work. Shop owners near the bridge fear that they will lose customers meanwhile.';
const summary = {
  type: 'summarization',
  question: `Summarize this text: ${SOURCE}`,
  answer:
    'The council decided to rebuild the cracked bridge for 40 million euros and to offer a free ferry during the two years of work.',
  keywords: ['council', 'rebuild', 'bridge', 'ferry'],
};

/** From the best to the worst, as a reader would rank them. */
const RANKED = [
  'The city council will rebuild the cracked bridge for 40 million euros, and a free ferry will run during the two years of work.',
  'Because many beams are cracked, the council voted to rebuild the bridge; a free ferry will replace it for two years.',
  'The council voted to rebuild the old bridge, which costs 40 million euros.',
  'A bridge is going to be built again, and there is a boat for the people who want to cross.',
  'People in the city had a long meeting about many of the things that they did not like.',
];

t.test('honest answers score well, in the order of how good they are', async (t) => {
  const scores = RANKED.map((answer) => openScore(answer, summary));
  const ranks = scores.map((score) => scores.filter((other) => other > score).length);
  // Spearman's ρ = 1 − 6 Σd² / (n (n² − 1))
  const squares = ranks.reduce((sum, rank, i) => sum + (rank - i) ** 2, 0);
  const rho = 1 - (6 * squares) / (ranks.length * (ranks.length ** 2 - 1));
  t.ok(rho >= 0.8, `ρ = ${rho}, scores ${scores}`);
  t.ok(openScore(summary.answer, summary) > 0.95);
  t.ok(openScore(story.answer, story) > 0.6);
  t.ok(
    openScore(
      'Every morning the traders of the exchange weighed dreams on brass scales. Ilo had one left in a vial, and it was not for sale.',
      story,
    ) > 0.8,
  );
});

t.test('an answer that breaks a hard constraint earns nothing, and says which', async (t) => {
  const cases: readonly (readonly [typeof summary, string, string])[] = [
    [summary, '', 'too short'],
    [summary, 'Bridge.', 'too short'],
    [summary, SOURCE, 'copied'],
    [summary, SOURCE.split(' ').slice(0, 40).join(' '), 'copied'],
    [summary, `${SOURCE} ${SOURCE}`, 'too long'],
    [summary, 'council rebuild bridge ferry council euros beams cracks river vote', 'no prose'],
    [summary, 'The council will rebuild. '.repeat(6), 'repetition'],
    [story, 'dream trade exchange vial, dreams traded, exchange of vials, trade, vial', 'no prose'],
    [story, 'word '.repeat(300), 'too long'],
    [story, `${story.question} ${story.question}`, 'copied'],
  ];
  for (const [problem, answer, constraint] of cases) {
    const { score, broken } = assessOpenAnswer(answer, problem);
    t.equal(score, 0, answer.slice(0, 40));
    t.ok(broken.includes(constraint), `${answer.slice(0, 40)}: ${broken}`);
  }
});

t.test('numbers that no source holds cost points', async (t) => {
  const invented = RANKED[0]!.replace('40 million', '90 million');
  t.ok(openScore(invented, summary) < openScore(RANKED[0]!, summary));
});

t.test('the answer reward grades open problems and judges all others', async (t) => {
  const completion = completionText('I look for what matters.', summary.answer);
  t.ok((answerReward.score([{ ...summary, completion }]) as number[])[0]! > 0.95);
  const other = completionText('I look for what matters.', RANKED[1]!);
  const graded = (answerReward.score([{ ...summary, completion: other }]) as number[])[0]!;
  t.ok(graded > 0.2 && graded < 1, `${graded}`);
  t.same(answerReward.score([{ ...summary, type: 'math', completion: other }]), [0]);
  const types = ['creative', 'summarization', 'math', undefined] as const;
  t.same(
    types.map((type) => isOpen(type === undefined ? {} : { type })),
    [true, true, false, false],
  );
  t.ok(isOpen({ type: 'math', constraints: { requiredKeywords: [], minWords: 1, maxWords: 9 } }));
});

t.test('ROUGE-L is the F1 of the longest common subsequence', async (t) => {
  const rouge = (a: string, b: string) => rougeL(wordsOf(a), wordsOf(b));
  // LCS "police … the gunman" has 3 words of 4 and 4.
  t.equal(rouge('police kill the gunman', 'police killed the gunman'), 0.75);
  t.equal(rouge('the gunman kill police', 'police killed the gunman'), 0.5);
  t.equal(rouge('a b c', 'a b c'), 1);
  t.equal(rouge('', 'a'), 0);
  t.equal(rouge('a b', 'c d e'), 0);
});

t.test('stems join the forms of a word', async (t) => {
  for (const words of [
    ['dream', 'dreams'],
    ['trade', 'traded', 'trades', 'trading'],
    ['ferry', 'ferries'],
  ]) {
    t.equal(new Set(words.map(stemOf)).size, 1, words.join(' '));
  }
});

t.test('long answers of any kind are scored at once', async (t) => {
  for (const unit of ['a ', 'the ', '. ', 'é', '\n', '1 '])
    t.equal(openScore(unit.repeat(100_000), summary), 0, JSON.stringify(unit));
});
