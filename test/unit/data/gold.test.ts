/** Gold answers checked a second way: the question's text alone is read and solved here, by other means. */
import t from 'tap';
import { FAMILY_NAMES, generateProblem } from '../../../src/data/splits.js';

const PER_FAMILY = 600;

const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** A tiny Python interpreter for the programs that are asked about; it knows statements, not families. */
function runPython(program: string): string {
  const variables = new Map<string, number>();
  const evaluate = (text: string): number => {
    const source = text.trim();
    for (const operator of [' + ', ' * ', '**']) {
      const at = source.indexOf(operator);
      if (at < 0) continue;
      const left = evaluate(source.slice(0, at));
      const right = evaluate(source.slice(at + operator.length));
      return operator === ' + ' ? left + right : operator === ' * ' ? left * right : left ** right;
    }
    if (/^\d+$/.test(source)) return Number(source);
    const value = variables.get(source);
    if (value === undefined) throw new Error(`no value for "${source}" in ${program}`);
    return value;
  };
  const listOf = (source: string): number[] => {
    const range = /^range\((\d+)(?:, (\d+))?\)$/.exec(source);
    if (range) {
      const [low, high] =
        range[2] === undefined ? [0, Number(range[1])] : [Number(range[1]), Number(range[2])];
      return Array.from({ length: high - low }, (_, i) => low + i);
    }
    const comprehension = /^\[(.+) for x in (.+)\]$/.exec(source);
    if (comprehension) {
      return listOf(comprehension[2] as string).map((x) => {
        variables.set('x', x);
        return evaluate(comprehension[1] as string);
      });
    }
    const sorting = /^sorted\((\[.*\])(, reverse=True)?\)$/.exec(source);
    if (sorting) {
      const ascending = listOf(sorting[1] as string).sort((p, q) => p - q);
      return sorting[2] ? ascending.reverse() : ascending;
    }
    return numbers(source);
  };
  let output = '';
  const runBlock = (lines: readonly string[]): void => {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string;
      const block: string[] = [];
      while (lines[i + 1]?.startsWith('    ')) block.push((lines[++i] as string).slice(4));
      const loop = /^for x in (.+):$/.exec(line);
      const condition = /^if x > (\d+):$/.exec(line);
      const change = /^t ([+-])= x$/.exec(line);
      const print = /^print\((.+)\)$/.exec(line);
      if (loop) {
        for (const x of listOf(loop[1] as string)) {
          variables.set('x', x);
          runBlock(block);
        }
      } else if (condition) {
        if (evaluate('x') > Number(condition[1])) runBlock(block);
      } else if (change) {
        variables.set('t', evaluate('t') + (change[1] === '+' ? 1 : -1) * evaluate('x'));
      } else if (line.startsWith('t = ')) {
        variables.set('t', evaluate(line.slice(4)));
      } else if (print) {
        const source = print[1] as string;
        output += source === 't' ? String(evaluate('t')) : `[${listOf(source).join(', ')}]`;
      } else throw new Error(`cannot run "${line}"`);
    }
  };
  runBlock(program.split('\n'));
  return output;
}

const programOf = (question: string): string => /`([\s\S]*)`/.exec(question)?.[1] ?? '';

/** All assignments of knight (true) and knave to the people, each judged by every sentence. */
function solveKnights(question: string): string {
  const sentences = [...question.matchAll(/(\w+) says (\w+) ([^.]*)\./g)];
  const people = sentences.map((sentence) => sentence[1] as string);
  const solutions: string[] = [];
  for (let bits = 0; bits < 2 ** people.length; bits++) {
    const isKnight = (name: string): boolean => ((bits >> people.indexOf(name)) & 1) === 1;
    const holds = ([, speaker, about, claim]: RegExpMatchArray): boolean => {
      const me = isKnight(speaker as string);
      const other = isKnight(about as string);
      if (claim === 'is a knight') return other;
      if (claim === 'is a knave') return !other;
      if (claim === 'and I are both knaves') return !me && !other;
      if (claim === 'and I are not both knights') return !me || !other;
      const pair = /^and (\w+) are (alike|different)$/.exec(claim as string);
      if (!pair) throw new Error(`cannot read "${claim}"`);
      const second = pair[1] === 'I' ? me : isKnight(pair[1] as string);
      return (other === second) === (pair[2] === 'alike');
    };
    if (sentences.every((sentence) => holds(sentence) === isKnight(sentence[1] as string))) {
      solutions.push(people.filter(isKnight).join(', '));
    }
  }
  return solutions.length === 1 ? (solutions[0] as string) : `${solutions.length} solutions`;
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

/** All rankings of the people (greatest first) that fit the clues; they must agree on the one asked for. */
function solveOrdering(question: string): string {
  const clues = [...question.matchAll(/(\w+) is (\w+) than (\w+)\./g)];
  const isMore = (word: string): boolean => ['taller', 'older', 'faster'].includes(word);
  const people = [...new Set(clues.flatMap((clue) => [clue[1] as string, clue[3] as string]))];
  const rank = /second/.test(question)
    ? 1
    : /(tallest|oldest|fastest)/.test(question)
      ? 0
      : people.length - 1;
  const found = permutations(people)
    .filter((order) =>
      clues.every(
        ([, a, word, b]) =>
          order.indexOf(a as string) < order.indexOf(b as string) === isMore(word as string),
      ),
    )
    .map((order) => order[rank] as string);
  return [...new Set(found)].join(' or ');
}

/** Fits the three kinds of rule to the shown terms; all rules that fit must agree. */
function solveSequence(question: string): string {
  const terms = numbers(question);
  const gaps = terms.slice(1).map((term, i) => term - (terms[i] as number));
  const last = terms.at(-1) as number;
  const next = new Set<number>();
  if (new Set(gaps).size === 1) next.add(last + (gaps[0] as number));
  const changes = gaps.slice(1).map((gap, i) => gap - (gaps[i] as number));
  if (new Set(changes).size === 1) next.add(last + (gaps.at(-1) as number) + (changes[0] as number));
  if (gaps.length >= 4 && gaps[0] === gaps[2] && gaps[1] === gaps[3]) next.add(last + (gaps[0] as number));
  return [...next].join(' or ');
}

const SOLVERS: Readonly<Record<string, (question: string) => string>> = {
  addition: (question) => String(numbers(question).reduce((a, b) => a + b)),
  subtraction: (question) => String(Math.max(...numbers(question)) - Math.min(...numbers(question))),
  multiplication: (question) => String(numbers(question).reduce((a, b) => a * b)),
  percent: (question) => String(numbers(question).reduce((a, b) => a * b) / 100),
  linear_equation: (question) => {
    const [, a, sign, b, right] = /(\d+)x ([+-]) (\d+) = (\d+)/.exec(question) ?? [];
    const fits = Array.from({ length: 200 }, (_, x) => x).filter(
      (x) => Number(a) * x + (sign === '+' ? 1 : -1) * Number(b) === Number(right),
    );
    return fits.join(' or ');
  },
  rectangle: (question) => {
    const [a, b] = numbers(question) as [number, number];
    return String(question.includes('area') ? a * b : a + a + b + b);
  },
  comprehension: (question) => runPython(programOf(question)),
  sorting: (question) => runPython(programOf(question)),
  loop: (question) => runPython(programOf(question)),
  knights_and_knaves: solveKnights,
  ordering: solveOrdering,
  sequence: solveSequence,
};

for (const family of FAMILY_NAMES) {
  t.test(`every gold answer of ${family} is the one found by reading the question`, async (t) => {
    const solve = SOLVERS[family];
    if (!solve) return t.fail('there is no second solver');
    let agreed = 0;
    for (const split of ['pretrain', 'train', 'evaluation'] as const) {
      for (let index = 0; index < PER_FAMILY / 3; index++) {
        const { question, answer } = generateProblem(11, split, index, [family]);
        const expected = solve(question);
        if (expected === answer) agreed++;
        else t.fail(`seed 11, ${split} ${index}: ${question} gold ${answer}, expected ${expected}`);
      }
    }
    t.equal(agreed, PER_FAMILY);
  });

  t.test(`every equation in the worked traces of ${family} is true`, async (t) => {
    for (let index = 0; index < PER_FAMILY; index++) {
      const { traces } = generateProblem(12, 'train', index, [family]);
      for (const [text, left, right] of traces.worked.matchAll(/(\d+(?: [-+*/] \d+)+) = (\d+)/g)) {
        const words = (left as string).split(' ');
        let value = Number(words[0]);
        for (let i = 1; i < words.length; i += 2) {
          const operand = Number(words[i + 1]);
          if (words[i] === '+') value += operand;
          else if (words[i] === '-') value -= operand;
          else if (words[i] === '*') value *= operand;
          else value /= operand;
        }
        if (value !== Number(right)) t.fail(`seed 12, train ${index}: ${text}`);
      }
    }
  });
}

t.test('the columns of a worked trace spell the answer, the last step first', async (t) => {
  for (const family of ['addition', 'subtraction', 'multiplication', 'percent']) {
    for (let index = 0; index < 200; index++) {
      const { traces, answer } = generateProblem(13, 'train', index, [family]);
      const steps = traces.worked.split(/\.(?: |$)/).filter((step) => step !== '' && !step.includes('/'));
      const results = steps.map(
        (step) =>
          step
            .replace(/, (?:carry|borrow) \d$/, '')
            .split(' = ')
            .at(-1) as string,
      );
      const high = results.pop() as string;
      const spelled =
        high +
        results
          .reverse()
          .map((result) => result.at(-1))
          .join('');
      if (Number(spelled) !== Number(answer))
        t.fail(`seed 13, train ${index}: ${traces.worked} gives ${spelled}`);
    }
  }
});

t.test('the second solvers can disagree', async (t) => {
  t.equal(runPython('t = 5\nfor x in [3, 7]:\n    if x > 4:\n        t += x\nprint(t)'), '12');
  t.equal(runPython('print([x**2 + 1 for x in range(2, 5)])'), '[5, 10, 17]');
  t.equal(
    solveKnights('Amy says Ben is a knight. Ben says Amy is a knight. Name the knights.'),
    '2 solutions',
  );
  t.equal(
    solveOrdering('Amy is taller than Ben. Amy is taller than Cal. Who is the shortest?'),
    'Cal or Ben',
  );
});
