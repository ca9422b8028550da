/** Fractions: sums and differences, a fraction of a quantity, and how often one fraction fits into another. */
import { addition, division, multiplication, subtraction } from '../columns.js';
import { lowest, reduction } from '../compact.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, fraction, gcd } from '../writing.js';

/** [what it is a part of, the unit, first thing, second thing]. */
const MIXTURES = [
  ['a bread recipe', 'cup', 'oats', 'flour'],
  ['a paint mix', 'litre', 'white', 'blue'],
  ['a soup', 'litre', 'stock', 'cream'],
  ['a garden bed', 'sack', 'sand', 'compost'],
  ['a fruit drink', 'jug', 'juice', 'water'],
  ['a batch of plaster', 'bucket', 'lime', 'sand'],
  ['a trail snack', 'bag', 'nuts', 'raisins'],
  ['a cake glaze', 'cup', 'sugar', 'milk'],
  ['a bird feed', 'scoop', 'millet', 'corn'],
  ['a salad dressing', 'glass', 'oil', 'vinegar'],
] as const;

type Pair = readonly [number, number];

/** Compact steps to the sum or difference of two fractions: lowest terms, a common denominator, numerators, lowest terms. */
function combine(first: Pair, second: Pair, isMinus: boolean): string[] {
  const [[a, b], [c, d]] = [lowest(...first), lowest(...second)];
  const [factorOfSecond, factorOfFirst] = lowest(b, d);
  const common = b * factorOfFirst;
  const [m1, m2] = [a * factorOfFirst, c * factorOfSecond];
  const total = isMinus ? m1 - m2 : m1 + m2;
  const divisor = gcd(total, common);
  return [
    ...reduction(...first),
    ...reduction(...second),
    ...(b === d
      ? []
      : [
          ...reduction(b, d),
          ...multiplication(a, factorOfFirst),
          ...multiplication(c, factorOfSecond),
          ...multiplication(b, factorOfFirst),
        ]),
    ...(isMinus ? subtraction(m1, m2) : addition(m1, m2)),
    ...(divisor === 1 ? [] : [...division(total, divisor), ...division(common, divisor)]),
    `answer ${fraction(total, common)}`,
  ];
}

const sum: DrawForm = (random, difficulty) => {
  const low = byLevel(difficulty, 2, 3, 6);
  const high = byLevel(difficulty, 6, 9, 15);
  const [b, d] = [random.integer(low, high), random.integer(low, high)];
  const [p, q] = [random.integer(1, b - 1), random.integer(1, d - 1)];
  const isMinus = p * d !== q * b && random.integer(0, 1) === 1;
  const [n1, d1, n2, d2] = isMinus && p * d < q * b ? [q, d, p, b] : [p, b, q, d];
  const common = (d1 * d2) / gcd(d1, d2);
  const [f1, f2] = [common / d1, common / d2];
  const [m1, m2] = [n1 * f1, n2 * f2];
  const total = isMinus ? m1 - m2 : m1 + m2;
  const answer = fraction(total, common);
  const divisor = gcd(total, common);
  const sign = isMinus ? '-' : '+';
  return {
    form: isMinus ? 'difference' : 'sum',
    parameters: `${n1}/${d1}${sign}${n2}/${d2}`,
    write(scene, wording) {
      const [mix, unit, first, second] = scene.pick(MIXTURES);
      const person = scene.pick(PEOPLE);
      const goal = isMinus ? `How much more ${first} than ${second} is that` : `How much is that in all`;
      const asked = wording.pick([
        `For ${mix}, ${person} takes ${n1}/${d1} ${unit} of ${first} and ${n2}/${d2} ${unit} of ${second}. ${goal}, as a fraction in lowest terms?`,
        `${person} makes ${mix} with ${n1}/${d1} ${unit} of ${first} and ${n2}/${d2} ${unit} of ${second}. ${goal}? Give a fraction in lowest terms.`,
        `The plan for ${mix} that ${person} follows needs ${n1}/${d1} of a ${unit} of ${first}, besides ${n2}/${d2} of a ${unit} of ${second}. ${goal}? Reduce the fraction.`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The amounts are ${n1}/${d1} and ${n2}/${d2} of a ${unit}. The question asks for their ${isMinus ? 'difference' : 'sum'}. Fractions can be ${isMinus ? 'subtracted' : 'added'} only when they have the same denominator, because only then do they count parts of equal size.`,
          `The least common multiple of the denominators ${d1} and ${d2} is ${common}. To reach it, the first fraction is widened by ${common} / ${d1} = ${f1} and the second one by ${common} / ${d2} = ${f2}.`,
          `Widen both numerators: ${n1} * ${f1} = ${m1} and ${n2} * ${f2} = ${m2}. So the amounts are ${m1} and ${m2} parts, each a part of size one over ${common}.`,
          `Now ${isMinus ? 'subtract' : 'add'} the numerators and keep the denominator: ${m1} ${sign} ${m2} = ${total}. That gives ${total} parts of size one over ${common}.`,
          divisor > 1
            ? `Reduce by the greatest common divisor ${divisor}: ${total} / ${divisor} = ${total / divisor} and ${common} / ${divisor} = ${common / divisor}. Nothing else divides both.`
            : `Nothing above one divides both ${total} and ${common}, so the fraction is already in lowest terms.`,
          `The answer is ${answer}.`,
        ],
        work: combine([n1, d1], [n2, d2], isMinus),
        keywords: ['fraction', 'common denominator', 'lowest terms'],
      };
    },
  };
};

const PORTIONS = [
  ['marbles', 'gives away'],
  ['kilometres', 'has walked'],
  ['pages', 'has read'],
  ['stamps', 'has sorted'],
  ['apples', 'puts into jam'],
  ['tiles', 'has laid'],
  ['metres of rope', 'cuts off'],
  ['coins', 'saves'],
  ['photos', 'prints'],
  ['minutes', 'spends drawing'],
  ['letters', 'has answered'],
  ['beads', 'threads'],
] as const;

const part: DrawForm = (random, difficulty) => {
  const d = random.integer(byLevel(difficulty, 2, 4, 7), byLevel(difficulty, 6, 10, 16));
  const n = random.integer(1, d - 1);
  const unit = random.integer(byLevel(difficulty, 2, 6, 12), byLevel(difficulty, 12, 24, 48));
  const whole = unit * d;
  const taken = unit * n;
  const asksLeft = difficulty !== 'easy' && random.integer(0, 1) === 1;
  const answer = String(asksLeft ? whole - taken : taken);
  const parts = asksLeft ? d - n : n;
  const [smallN, smallD] = lowest(parts, d);
  return {
    form: asksLeft ? 'rest' : 'part',
    parameters: `${n}/${d}*${whole}`,
    write(scene, wording) {
      const [things, verb] = scene.pick(PORTIONS);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const goal = asksLeft ? `How many ${things} are left` : `How many ${things} is that`;
      const asked = wording.pick([
        `${person} from ${place} starts with ${whole} ${things} and ${verb} ${n}/${d} of them. ${goal}?`,
        `Out of ${whole} ${things}, ${person}, who lives in ${place}, ${verb} ${n}/${d}. ${goal}?`,
        `There are ${whole} ${things} in front of ${person} in ${place}. Of those, ${person} ${verb} a fraction of ${n}/${d}. ${goal}?`,
      ]);
      const steps = [
        `There are ${whole} ${things} in all, and ${person} ${verb} ${n}/${d} of them. The denominator says into how many equal parts the whole is cut, the numerator how many of these parts are meant.`,
        `Cut the whole into ${d} equal parts: ${whole} / ${d} = ${unit}. So every part has ${unit} ${things}.`,
        `Take ${n} of these parts: ${unit} * ${n} = ${taken}. This is how many ${things} ${person} ${verb}.`,
      ];
      if (asksLeft) {
        steps.push(
          `The question asks for what is left, so subtract from the whole: ${whole} - ${taken} = ${answer}.`,
        );
        steps.push(
          `Check with the other fraction: ${d} - ${n} = ${d - n} parts are left, and ${unit} * ${d - n} = ${answer}, the same number.`,
        );
      } else {
        steps.push(
          `Check: the other ${d - n} parts hold ${unit} * ${d - n} = ${whole - taken} ${things}, and ${taken} + ${whole - taken} = ${whole}, the whole.`,
        );
      }
      steps.push(`The answer is ${answer}.`);
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...(asksLeft ? [`${d} - ${n} = ${parts}`] : []),
          ...reduction(parts, d),
          ...division(whole, smallD),
          ...(smallN === 1 ? [] : multiplication(whole / smallD, smallN)),
        ],
        keywords: ['fraction', 'part', 'whole'],
      };
    },
  };
};

const PIECES = [
  ['ribbon', 'metre', 'bow'],
  ['copper wire', 'metre', 'coil'],
  ['honey', 'litre', 'jar'],
  ['flour', 'kilogram', 'loaf'],
  ['rope', 'metre', 'knot'],
  ['paint', 'litre', 'sign'],
  ['ham', 'kilogram', 'sandwich'],
  ['silk', 'metre', 'tie'],
  ['soil', 'sack', 'flower pot'],
  ['cheese', 'kilogram', 'pizza'],
] as const;

/** How many portions of n/d fit into a whole number of units; the count is whole at easy, a fraction when hard. */
const portions: DrawForm = (random, difficulty) => {
  const d = random.integer(byLevel(difficulty, 2, 3, 5), byLevel(difficulty, 5, 9, 12));
  const n = difficulty === 'easy' ? 1 : random.integer(2, d);
  const [rn, rd] = [n / gcd(n, d), d / gcd(n, d)];
  const amount =
    difficulty === 'hard' ? random.integer(5, 30) : rn * random.integer(2, difficulty === 'easy' ? 12 : 6);
  const answer = fraction(amount * rd, rn);
  const product = amount * rd;
  const [smallAmount, smallN] = lowest(amount, rn);
  return {
    form: 'division',
    parameters: `${amount}:${rn}/${rd}`,
    write(scene, wording) {
      const [stuff, unit, piece] = scene.pick(PIECES);
      const person = scene.pick(PEOPLE);
      const exact = difficulty === 'hard' ? ' Give an exact number, as a fraction if needed.' : '';
      const asked = wording.pick([
        `${person} has ${amount} ${unit}s of ${stuff}. One ${piece} takes ${rn}/${rd} of a ${unit}. How many times does that go into the supply?${exact}`,
        `With ${amount} ${unit}s of ${stuff}, ${person} uses ${rn}/${rd} ${unit} for each ${piece}. Divide to find how many portions there are.${exact}`,
        `A supply of ${amount} ${unit}s of ${stuff} is shared out by ${person} in portions of ${rn}/${rd} ${unit}, one for each ${piece}. How many portions is that?${exact}`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The supply is ${amount} ${unit}s of ${stuff} and one ${piece} takes ${rn}/${rd} of a ${unit}. Asking how often a portion goes into the supply means dividing ${amount} by ${rn}/${rd}.`,
          `Dividing by a fraction is the same as multiplying by its reciprocal, because ${rd} portions of this size would make ${rn} whole. So multiply by ${rd} and divide by ${rn}.`,
          `First the product: ${amount} * ${rd} = ${product}. This counts how many parts of size one over ${rd} the supply holds.`,
          `Each portion needs ${rn} of these parts. ${answer.includes('/') ? `Dividing ${product} by ${rn} does not come out even, so it stays a fraction, which in lowest terms is ${answer}` : `Dividing gives ${product} / ${rn} = ${answer}`}.`,
          `Check by multiplying back: ${answer} portions of ${rn}/${rd} make exactly ${amount} ${unit}s again, since the numerators and denominators cancel.`,
          `The answer is ${answer}.`,
        ],
        work: [
          ...(rn === 1 ? [] : smallN === 1 ? division(amount, rn) : reduction(amount, rn)),
          ...multiplication(smallAmount, rd),
          ...(smallN === 1 ? [] : [`answer ${answer}`]),
        ],
        keywords: ['fraction', 'division', 'reciprocal'],
      };
    },
  };
};

export const fractions = topicOf('fractions', 'math', 'arithmetic', [sum, part, portions]);
