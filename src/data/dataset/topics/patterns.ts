/** Patterns: number sequences whose rule must be found and continued. */
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing } from '../writing.js';
import { answerIs } from './compact-work.js';
import { continued, type Rule } from './pattern-work.js';

const SHOWN = 6;

/** The terms of a rule; a, b, c are its numbers. */
function termsOf(rule: Rule, start: number, a: number, b: number): number[] {
  const terms = [start];
  if (rule === 'sum' || rule === 'interleaved') terms.push(rule === 'sum' ? a : start + b * 10);
  while (terms.length < SHOWN + 2) {
    const n = terms.length;
    const last = terms[n - 1]!;
    terms.push(
      {
        constant: last + a,
        factor: last * a,
        growing: last + a + b * (n - 1),
        alternating: last + (n % 2 === 1 ? a : -b),
        sum: last + (terms[n - 2] ?? 0),
        affine: last * a + b,
        interleaved: (terms[n - 2] ?? 0) + (n % 2 === 0 ? a : -b),
      }[rule],
    );
  }
  return terms;
}

const sequence: DrawForm = (random, difficulty) => {
  const rule = random.pick(
    byLevel<readonly Rule[]>(
      difficulty,
      ['constant', 'factor'],
      ['growing', 'alternating', 'sum'],
      ['affine', 'interleaved', 'growing'],
    ),
  );
  const start = random.integer(
    rule === 'factor' || rule === 'affine' ? 1 : 2,
    rule === 'factor' || rule === 'affine' ? 9 : 60,
  );
  const a = random.integer(2, rule === 'factor' ? 4 : rule === 'affine' ? 3 : 15);
  const b = rule === 'alternating' ? random.integer(1, a - 1) : random.integer(1, 9);
  const isSkipping = difficulty === 'hard';
  const terms = termsOf(rule, start, a, b);
  const answer = terms[SHOWN + (isSkipping ? 1 : 0)]!;
  return {
    form: rule,
    parameters: `${start},${a},${b},${isSkipping}`,
    write(scene, wording) {
      const shown = terms.slice(0, SHOWN);
      const list = shown.join(', ');
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const where = scene.pick([
        'on the doors of a street',
        'on a row of lockers',
        'in an old diary',
        'on the keys of a lock',
        'on a quilt',
        'on the tickets of a raffle',
        'along a tiled wall',
        'on the steps of a tower',
        'in a coded letter',
        'on a row of buoys',
      ]);
      const goal = isSkipping
        ? wording.pick([
            'Which number comes after the next one?',
            'Give the number two places after the last one shown.',
          ])
        : wording.pick(['Which number comes next?', 'What is the next number?']);
      const question = wording.pick([
        `${person} sees these numbers ${where} in ${place}: ${list}. They follow a rule. ${goal}`,
        `The numbers ${list} stand ${where} in ${place}, and ${person} looks for the rule behind them. ${goal}`,
        `In ${place}, ${where}, there is the pattern ${list}. Help ${person} to continue it. ${goal}`,
      ]);
      const gaps = shown.slice(1).map((term, i) => `${term} - ${shown[i]} = ${term - shown[i]!}`);
      const steps: string[] = [
        `To find the rule of ${list}, compare each number with the one before it. Differences are the first thing to look at, then factors, and then numbers that are two places apart.`,
      ];
      const next = terms[SHOWN]!;
      const last = terms[SHOWN - 1]!;
      const grow = (k: number): number => terms[k]! - terms[k - 1]!;
      switch (rule) {
        case 'constant':
          steps.push(
            `The differences are ${gaps.join(', ')}. They are all equal, so the rule is to add ${a} each time.`,
            `Continue: ${last} + ${a} = ${next}.`,
          );
          break;
        case 'factor':
          steps.push(
            `The differences ${gaps.slice(0, 3).join(', ')} grow quickly, which points to a factor. Indeed ${shown[1]} / ${shown[0]} = ${a} and ${shown[2]} / ${shown[1]} = ${a}, so each number is ${a} times the one before it.`,
            `Continue: ${last} * ${a} = ${next}.`,
          );
          break;
        case 'growing':
          steps.push(
            `The differences are ${gaps.join(', ')}. They are not equal, but each is ${b} more than the one before it, so the differences themselves follow a simple rule.`,
            `The next difference is ${grow(SHOWN - 1)} + ${b} = ${grow(SHOWN)}. Continue: ${last} + ${grow(SHOWN)} = ${next}.`,
          );
          if (isSkipping)
            steps.push(
              `One more difference is needed: ${grow(SHOWN)} + ${b} = ${grow(SHOWN + 1)}. Continue again: ${next} + ${grow(SHOWN + 1)} = ${answer}.`,
            );
          break;
        case 'alternating':
          steps.push(
            `The differences are ${gaps.join(', ')}. They repeat in pairs: add ${a}, then subtract ${b}, and so on in turn.`,
            `The last change shown was to add ${a}, so now subtract: ${last} - ${b} = ${next}.`,
          );
          break;
        case 'sum':
          steps.push(
            `The differences ${gaps.slice(1).join(', ')} are numbers of the list itself, shifted by two places. So each number is the sum of the two before it: ${shown[0]} + ${shown[1]} = ${shown[2]}, ${shown[1]} + ${shown[2]} = ${shown[3]}.`,
            `Continue: ${terms[SHOWN - 2]} + ${last} = ${next}.`,
          );
          break;
        case 'affine':
          steps.push(
            `The differences ${gaps.slice(0, 3).join(', ')} grow by a factor of ${a} each time, which points to a rule that multiplies by ${a} and adds something. Test it: ${shown[0]} * ${a} = ${shown[0]! * a}, ${shown[0]! * a} + ${b} = ${shown[1]}, and ${shown[1]} * ${a} = ${shown[1]! * a}, ${shown[1]! * a} + ${b} = ${shown[2]}.`,
            `Continue: ${last} * ${a} = ${last * a}, ${last * a} + ${b} = ${next}. And once more: ${next} * ${a} = ${next * a}, ${next * a} + ${b} = ${answer}.`,
          );
          break;
        case 'interleaved':
          steps.push(
            `The differences of neighbours jump up and down, so look at every other number. The first, third and fifth are ${shown[0]}, ${shown[2]}, ${shown[4]}: ${shown[2]} - ${shown[0]} = ${a}, ${shown[4]} - ${shown[2]} = ${a}, so ${a} is added each time.`,
            `The second, fourth and sixth are ${shown[1]}, ${shown[3]}, ${shown[5]}: ${shown[1]} - ${shown[3]} = ${b}, ${shown[3]} - ${shown[5]} = ${b}, so ${b} is subtracted each time. Two sequences are woven into each other.`,
            `Continue both: ${shown[4]} + ${a} = ${next} comes next, and ${shown[5]} - ${b} = ${answer} after it.`,
          );
          break;
      }
      steps.push(
        `Check the rule against the whole list: applied from the first number on, it gives ${list}, exactly what is shown, so no number contradicts it.`,
        `The question asks for ${isSkipping ? 'the number after the next one' : 'the next number'}. The answer is ${answer}.`,
      );
      return {
        question: question + closing(wording),
        answer: String(answer),
        steps,
        work: [...continued(rule, shown, a, b, isSkipping ? 2 : 1), answerIs(answer)],
        keywords: ['pattern', 'sequence', 'difference'],
      };
    },
  };
};

export const patterns = topicOf('patterns', 'logic_puzzle', 'pattern_recognition', [sequence]);
