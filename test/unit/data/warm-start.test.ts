/** The warm start: true traces in two styles, debates whose verdicts fit, and nothing that is held out. */
import t from 'tap';
import { generateDataset } from '../../../src/data/dataset/generate.js';
import {
  maskNumbers,
  normalizeQuestion,
  piecesOf,
  similarity,
  TWIN_SIMILARITY,
} from '../../../src/data/dataset/near-duplicates.js';
import { drawDrill } from '../../../src/data/drills.js';
import { splitOf } from '../../../src/data/splits.js';
import { WarmStart, type WarmStartExample } from '../../../src/data/warm-start.js';
import { Random } from '../../../src/random.js';
import { answersMatch } from '../../../src/rewards/answers/answer.js';
import { openScore } from '../../../src/rewards/open/open-answer.js';
import { parseCompletion } from '../../../src/rewards/parse.js';
import { Checks } from '../../kit/checks.js';
import { equationsOf } from '../../kit/equations.js';
import { answerOf, examplesOf, named, reasoningOf, SEED, type Shown, topicOf } from '../../kit/warm-start.js';

const COUNT = 4000;
const examples: readonly Shown[] = examplesOf('skills', COUNT);
const bothStages: readonly Shown[] = [...examples, ...examplesOf('head-room', 1000)];
const drills = examples.filter(({ source }) => source === null);
const debates = examples.filter(({ role, turns }) => role !== 'forward' || turns.length > 0);

t.test('an example is a function of seed and index', async (t) => {
  const again = new WarmStart(SEED);
  const plain = ({ stage: _, index: __, source: ___, ...example }: Shown): WarmStartExample => example;
  // Out of order: nothing is remembered from one example to the next.
  for (const index of [1999, 3, 700, 4, 0])
    t.strictSame(again.example(index), plain(examples[index]!), String(index));
  const other = new WarmStart(SEED + 1);
  const questions = new Set(examples.slice(0, 300).map(({ question }) => question));
  const same = Array.from({ length: 300 }, (_, i) => other.example(i).question).filter((q) =>
    questions.has(q),
  );
  t.ok(same.length < 10, `${same.length} questions of another seed`);
});

t.test('every lineage is in the pretrain split', async (t) => {
  const checks = new Checks();
  for (const { source, question, stage, index } of bothStages) {
    const lineage = source?.lineage ?? `drill:${/\d[^?]*\d/.exec(question)}`;
    checks.same(splitOf(lineage), 'pretrain', `seed ${SEED}, ${stage} ${index}: ${lineage}`);
  }
  checks.report(t, { moreThan: 4999 });
});

t.test('every topic is shown, and about the shares of the types are kept', async (t) => {
  const shares = {
    math: 0.38,
    code: 0.22,
    logic_puzzle: 0.18,
    science: 0.12,
    creative: 0.05,
    summarization: 0.05,
  };
  t.same(new Set(examples.map(({ topic }) => topic)), new Set(['drill', ...topicOf.keys()]));
  const problems = COUNT - drills.length;
  for (const [type, expected] of Object.entries(shares)) {
    const share = examples.filter(({ source }) => source?.topic.type === type).length / problems;
    // Four standard deviations of the largest share.
    t.ok(Math.abs(share - expected) < 4 * Math.sqrt(0.25 / problems), `${type}: ${share}`);
  }
  t.ok(Math.abs(drills.length / COUNT - 0.06) < 0.015, `${drills.length} drills`);
});

// ---- nothing that is held out -----------------------------------------------------------------------------------------

const held = generateDataset(42, { augment: true }).evaluation.map(({ question }) => question);
const heldPieces = held.map(piecesOf);
const holders = new Map<number, number[]>();
heldPieces.forEach((pieces, i) => {
  for (const piece of pieces) holders.set(piece, [...(holders.get(piece) ?? []), i]);
});

/** The largest Jaccard index with any held-out question: shared pieces are counted, none is left to chance. */
function nearestHeld(question: string): number {
  const pieces = piecesOf(question);
  const shared = new Uint32Array(held.length);
  for (const piece of pieces) for (const i of holders.get(piece) ?? []) shared[i]!++;
  return Math.max(...heldPieces.map((other, i) => shared[i]! / (pieces.length + other.length - shared[i]!)));
}

t.test('no question is a twin of an evaluation question or of a variant of one', async (t) => {
  const heldForms = new Set(held.flatMap((question) => [normalizeQuestion(question), maskNumbers(question)]));
  const bare = Array.from({ length: 2000 }, (_, i) => drawDrill(new Random(SEED, 'bare', i), 'pretrain'));
  const questions = [...bothStages, ...bare].map(({ question }) => question);
  let nearest = 0;
  for (const question of questions) {
    if (heldForms.has(normalizeQuestion(question))) t.fail(`held out: ${question}`);
    if (heldForms.has(maskNumbers(question))) t.fail(`held out with other numbers: ${question}`);
    const resemblance = nearestHeld(question);
    nearest = Math.max(nearest, resemblance);
    if (resemblance >= TWIN_SIMILARITY) t.fail(`${resemblance.toFixed(3)} like a held-out one: ${question}`);
  }
  t.ok(nearest > 0.5, `pairs were compared, the nearest has ${nearest.toFixed(3)}`);
});

t.test('this check would find one', async (t) => {
  t.ok(held.length >= 500, `${held.length} questions are held out`);
  const [question] = held as [string];
  t.equal(nearestHeld(question), 1);
  const edited = question.replace(/\p{L}+$/u, '').slice(0, -3);
  t.equal(nearestHeld(edited), similarity(piecesOf(edited), piecesOf(question)));
  t.ok(nearestHeld(edited) > TWIN_SIMILARITY);
});

// ---- traces -------------------------------------------------------------------------------------------------------------

t.test('completions are well-formed, and their answers right', async (t) => {
  const checks = new Checks();
  let open = 0;
  for (const example of examples) {
    const { wellFormed } = parseCompletion(example.completion);
    checks.ok(wellFormed, named(example));
    if (example.source === null || example.role === 'skeptic') continue;
    const { written, topic } = example.source;
    checks.same(answerOf(example), written.answer, named(example));
    if (written.constraints) {
      open++;
      const { required_keywords, min_words: minWords, max_words: maxWords } = written.constraints;
      const constraints = { requiredKeywords: [...required_keywords], minWords, maxWords };
      const { question, answer, keywords } = written;
      const problem = { question, answer, keywords, type: topic.type, constraints };
      const score = openScore(answerOf(example), problem);
      checks.ok(score >= 0.9, `${named(example)} earns ${score}`);
    } else checks.ok(answersMatch(written.answer, answerOf(example), topic.type), named(example));
  }
  checks.report(t, { moreThan: 2.5 * COUNT });
  t.ok(open > 200, `${open} open answers`);
});

t.test('the first word of a trace tells its style, whatever the topic', async (t) => {
  const words = new Map<string, Set<string>>();
  for (const example of examples) {
    const kind = example.turns.length > 0 ? `${example.role} again` : example.role;
    const [word] = /^\w+/.exec(reasoningOf(example))!;
    words.set(kind, (words.get(kind) ?? new Set()).add(word));
  }
  t.same(words.get('forward'), new Set(['The', 'Work']));
  t.same(words.get('backward'), new Set(['Suppose']));
  t.same(words.get('skeptic again'), new Set(['Work']));
  t.same(words.get('forward again'), new Set(['Work']));
});

t.test('a quick trace states the answer or that it follows, a worked one holds the work', async (t) => {
  const counts = { quick: 0, open: 0, worked: 0 };
  for (const example of examples) {
    if (debates.includes(example) || example.source === null) continue;
    const { answer, constraints, work = [] } = example.source.written;
    const reasoning = reasoningOf(example);
    if (reasoning.startsWith('Work')) {
      counts.worked++;
      if (reasoning !== `Work: ${work.join('. ')}.`) t.fail(named(example));
    } else if (constraints) {
      counts.open++;
      if (reasoning !== 'The answer follows.') t.fail(named(example));
    } else {
      counts.quick++;
      if (reasoning !== `The answer is ${answer}.`) t.fail(named(example));
    }
  }
  t.ok(counts.quick > 800 && counts.open > 100 && counts.worked > 800, JSON.stringify(counts));
});

t.test('no work is empty, and drills are always worked', async (t) => {
  for (const example of bothStages) {
    if (example.source && (example.source.written.work ?? []).join('').trim() === '') t.fail(named(example));
    if (example.source === null && !reasoningOf(example).startsWith('Work: ')) t.fail(named(example));
  }
  t.ok(drills.length > 100);
});

t.test('every equation in a trace holds', async (t) => {
  let equations = 0;
  for (const example of examples) {
    const { all, wrong } = equationsOf(reasoningOf(example));
    equations += all.length;
    if (wrong.length > 0) t.fail(`${wrong.join(', ')} in ${named(example)}`);
  }
  t.ok(equations > 2 * COUNT, `${equations} equations`);
});

// ---- debates ------------------------------------------------------------------------------------------------------------

/** What a critic should say of two claims. */
function verdictOf(answer: string, forward: string, backward: string): string {
  const right = [forward, backward].map((claim) => claim === answer);
  return right[0] ? (right[1] ? 'both' : 'forward') : right[1] ? 'backward' : 'neither';
}

t.test('about a third of the verifiable problems are turns of a debate, open ones never', async (t) => {
  t.ok(debates.every(({ source }) => source !== null && source.written.constraints === undefined));
  const verifiable = examples.filter(({ source }) => source && source.written.constraints === undefined);
  const shareOf = (test: (example: Shown) => boolean): number =>
    debates.filter(test).length / verifiable.length;
  const near = (share: number, expected: number, what: string) =>
    t.ok(
      Math.abs(share - expected) < 4 * Math.sqrt((expected * (1 - expected)) / verifiable.length),
      `${what}: ${share}`,
    );
  for (const role of ['backward', 'skeptic', 'synthesizer'] as const)
    near(
      shareOf((each) => each.role === role),
      0.1,
      role,
    );
  near(
    shareOf(({ role }) => role === 'forward'),
    0.03,
    'forward again',
  );
});

t.test('a skeptic works the problem out and says which claims hold', async (t) => {
  const checks = new Checks();
  const verdicts: Record<string, number> = {};
  for (const example of debates.filter(({ role }) => role === 'skeptic')) {
    const { answer, work = [] } = example.source!.written;
    const [forward, backward, ...rest] = example.turns;
    checks.same([forward?.role, backward?.role, rest.length], ['forward', 'backward', 0], named(example));
    const verdict = verdictOf(answer, forward!.text, backward!.text);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    checks.same(answerOf(example), verdict, `${named(example)}, after ${JSON.stringify(example.turns)}`);
    const marks = [forward, backward].map((turn) => (turn!.text === answer ? 'holds' : 'fails'));
    const expected = `Work: ${work.join('. ')}. Forward ${marks[0]}. Backward ${marks[1]}.`;
    checks.same(reasoningOf(example), expected, named(example));
  }
  checks.report(t, { moreThan: 600 });
  t.ok(
    Math.min(...['both', 'forward', 'backward', 'neither'].map((name) => verdicts[name] ?? 0)) >= 20,
    JSON.stringify(verdicts),
  );
});

t.test(
  'a backward reasoner supposes an answer, right or wrong, works, and says how it came out',
  async (t) => {
    const checks = new Checks();
    const outcomes = { as: 0, not: 0 };
    for (const example of debates.filter(({ role }) => role === 'backward')) {
      const { answer, work = [] } = example.source!.written;
      checks.same(example.turns, [], named(example));
      const middle = `. Work: ${work.join('. ')}. `;
      const [supposed, outcome] = reasoningOf(example).slice('Suppose '.length).split(middle);
      const isRight = supposed === answer;
      outcomes[isRight ? 'as' : 'not']++;
      checks.same(outcome, isRight ? 'As supposed.' : 'Not as supposed.', named(example));
    }
    checks.report(t, { moreThan: 400 });
    t.ok(outcomes.as > 100 && outcomes.not > 80, JSON.stringify(outcomes));
  },
);

t.test(
  'a synthesizer trusts a critique where it can, and works where nothing is to be trusted',
  async (t) => {
    const checks = new Checks();
    let without = 0;
    const heard = debates.filter(({ role, turns }) => role === 'synthesizer' || turns.length === 3);
    for (const example of heard) {
      const { answer, work = [] } = example.source!.written;
      const [forward, backward, critic] = example.turns.map(({ text }) => text) as [string, string, string?];
      checks.same(
        example.turns.map(({ role }) => role),
        ['forward', 'backward', ...(critic ? ['skeptic'] : [])],
        named(example),
      );
      const verdict = verdictOf(answer, forward, backward);
      if (critic !== undefined) checks.same(critic, verdict, `${named(example)}: the critic`);
      if (example.role === 'forward') continue;
      if (critic === undefined) without++;
      const working = `Work: ${work.join('. ')}.`;
      const trusted: Record<string, string> = {
        both: 'The critic holds with both.',
        forward: `The critic holds with forward. Forward is ${answer}.`,
        backward: `The critic holds with backward. Backward is ${answer}.`,
        neither: `Neither holds. ${working}`,
      };
      const alone = `${forward === backward ? 'Both agree' : 'They differ'}. ${working}`;
      checks.same(reasoningOf(example), critic === undefined ? alone : trusted[verdict], named(example));
    }
    checks.report(t, { moreThan: 700 });
    t.ok(without > 50 && without < heard.length / 2, `${without} of ${heard.length} without a critique`);
  },
);

t.test(
  'a claim is right a little more often than not, and what is wrong differs from the answer',
  async (t) => {
    const claims = debates.flatMap(({ turns, source }) =>
      turns.filter(({ role }) => role !== 'skeptic').map(({ text }) => ({ text, source: source! })),
    );
    const right = claims.filter(({ text, source }) => text === source.written.answer).length;
    t.ok(
      Math.abs(right / claims.length - 0.55) < 4 * Math.sqrt(0.25 / claims.length) + 0.01,
      `${right} of ${claims.length}`,
    );
    for (const { text, source } of claims) {
      const { answer, unordered } = source.written;
      if (text !== answer && answersMatch(answer, text, source.topic.type, unordered))
        t.fail(`${text} for ${answer}`);
    }
  },
);
