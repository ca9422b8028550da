/** Percentages: a share of a whole, a price that changes, and the price before a change. */
import type { Random } from '../../../random.js';
import { addition, division, multiplication, shift } from '../columns.js';
import { lowest, placePoint, reduction } from '../compact.js';
import { type DrawForm, topicOf } from '../example.js';
import { PLACES, WARES } from '../scenes.js';
import { byLevel, closing, decimal } from '../writing.js';

/** [who has the whole, what it is counted in, what is true of the part]. */
const WHOLES = [
  ['The town library', 'books', 'are novels'],
  ['A concert hall', 'seats', 'are taken'],
  ['A fruit farm', 'trees', 'are pear trees'],
  ['An aquarium', 'fish', 'are striped'],
  ['A sports club', 'members', 'play tennis'],
  ['A parking garage', 'cars', 'are electric'],
  ['A bakery', 'loaves', 'are made of rye'],
  ['A museum', 'paintings', 'are landscapes'],
  ['A primary school', 'pupils', 'walk home'],
  ['A warehouse', 'boxes', 'are fragile'],
  ['A film archive', 'reels', 'have no sound'],
  ['A ferry', 'passengers', 'are children'],
  ['A garden centre', 'plants', 'need shade'],
  ['A small airline', 'flights', 'leave before noon'],
] as const;

/** Compact steps to `rate` percent of a whole, by whole hundredths, whole tenths, or the rate in lowest terms. */
export function percentOf(rate: number, whole: number): string[] {
  if (whole % 100 === 0) return [...division(whole, 100), ...multiplication(whole / 100, rate)];
  if (whole % 10 === 0 && rate % 10 === 0) {
    return [...division(rate, 10), ...division(whole, 10), ...multiplication(whole / 10, rate / 10)];
  }
  const [n, d] = lowest(rate, 100);
  return [...reduction(rate, 100), ...division(whole, d), ...(n === 1 ? [] : multiplication(whole / d, n))];
}

/** The step to the percentage that a cut leaves. */
const left = (rate: number): string => `100 - ${rate} = ${100 - rate}`;

/** Compact steps to a whole that is cut by `rate` percent. */
const percentLess = (rate: number, whole: number): string[] => [left(rate), ...percentOf(100 - rate, whole)];

const share: DrawForm = (random, difficulty) => {
  const rate = byLevel(
    difficulty,
    random.integer(1, 9) * 10,
    random.integer(1, 19) * 5,
    random.integer(11, 97),
  );
  const whole = byLevel(
    difficulty,
    random.integer(3, 60) * 10,
    random.integer(6, 60) * 20,
    random.integer(5, 60) * 100,
  );
  const product = rate * whole;
  const answer = String(product / 100);
  return {
    form: 'share',
    parameters: `${rate},${whole}`,
    write(scene: Random, wording: Random) {
      const [owner, things, are] = scene.pick(WHOLES);
      const place = scene.pick(PLACES);
      const asked = wording.pick([
        `${owner} in ${place} counts ${whole} ${things}. Of these, ${rate}% ${are}. How many is that?`,
        `In ${place}, ${owner.toLowerCase()} has ${whole} ${things}, and ${rate} percent of them ${are}. Find their number.`,
        `There are ${whole} ${things} at ${owner.toLowerCase()} in ${place}. If ${rate}% ${are}, what number of ${things} does that make?`,
        `Out of ${whole} ${things} that belong to ${owner.toLowerCase()} in ${place}, ${rate}% ${are}. Work out how many.`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The whole is ${whole} ${things}, and the question asks for ${rate}% of it. A percentage counts hundredths, so ${rate}% of the whole means ${rate} parts when the whole is cut into one hundred equal parts.`,
          `One way is to multiply first and divide afterwards, which keeps every number whole. Multiply the whole by the rate: ${whole} * ${rate} = ${product}.`,
          `Now divide by one hundred, because the rate was given in hundredths: ${product} / 100 = ${answer}.`,
          `Check it backwards: if ${answer} is ${rate} hundredths of the whole, then one hundredth is ${answer} / ${rate} = ${decimal(whole, 2)}, and ${decimal(whole, 2)} * 100 = ${whole}, which is the whole that was given.`,
          `So ${answer} of the ${whole} ${things} ${are}. The answer is ${answer}.`,
        ],
        work: percentOf(rate, whole),
        keywords: ['percent', 'hundredths', 'whole'],
      };
    },
  };
};

/** One or two changes of a price in whole units that stay exact to the cent. */
const change: DrawForm = (random, difficulty) => {
  const price = random.integer(2, 40) * byLevel(difficulty, 20, 20, 100);
  const isUp = random.integer(0, 1) === 1;
  const rate = byLevel(
    difficulty,
    random.integer(1, 5) * 10,
    random.integer(1, 12) * 5,
    random.integer(1, 12) * 5,
  );
  const second = difficulty === 'hard' ? random.integer(1, 5) * 10 : 0;
  const step = (price * rate) / 100;
  const between = isUp ? price + step : price - step;
  const secondStep = Math.round(between * second);
  const final = decimal(between * 100 - secondStep, 2);
  const [verb, sign] = isUp ? ['rises', '+'] : ['falls', '-'];
  return {
    form: 'change',
    parameters: `${price},${isUp ? '+' : '-'}${rate},${second}`,
    write(scene, wording) {
      const ware = scene.pick(WARES);
      const place = scene.pick(PLACES);
      const bare = ware.replace(/^a (pair of )?/, '');
      const last = second ? ` A week later the new price is cut by ${second}%.` : '';
      const asked = wording.pick([
        `A shop in ${place} sells ${ware} for ${price} crowns. Its price ${verb} by ${rate}%.${last} What does it cost in the end?`,
        `In ${place}, ${ware} costs ${price} crowns before the price ${verb} by ${rate} percent.${last} Find the final price.`,
        `The price of ${ware} in ${place} is ${price} crowns and then ${verb} by ${rate}%.${last} How many crowns must a buyer pay after that?`,
      ]);
      const steps = [
        `The starting price of the ${bare} is ${price} crowns. A change of ${rate}% is measured against this starting price, so first find ${rate} hundredths of ${price}.`,
        `Multiply and divide: ${price} * ${rate} = ${price * rate}, and ${price * rate} / 100 = ${step}. That is the size of the change in crowns.`,
        `The price ${verb}, so the change is ${isUp ? 'added to' : 'taken from'} the starting price: ${price} ${sign} ${step} = ${between}.`,
      ];
      if (second) {
        steps.push(
          `The second change is measured against the new price of ${between}, not against the first one. Its size is ${between} * ${second} = ${secondStep}, and ${secondStep} / 100 = ${decimal(secondStep, 2)}.`,
          `The new price is cut, so subtract: ${between} - ${decimal(secondStep, 2)} = ${final}. Adding the two rates first would have been wrong, because they are taken of different amounts.`,
        );
      } else {
        steps.push(
          `Check with the factor: the new price is ${isUp ? 100 + rate : 100 - rate} hundredths of the old one, and ${price} * ${isUp ? 100 + rate : 100 - rate} = ${between * 100}, ${between * 100} / 100 = ${between}. Both ways agree.`,
        );
      }
      steps.push(`The ${bare} ends at a price of ${final} crowns. The answer is ${final}.`);
      const kept = 10 - second / 10;
      return {
        question: asked + closing(wording),
        answer: final,
        steps,
        work: [
          ...(isUp ? [...percentOf(rate, price), ...addition(price, step)] : percentLess(rate, price)),
          ...(second
            ? [left(second), ...multiplication(between, kept), ...placePoint(between * kept, 1)]
            : []),
        ],
        keywords: ['percent', 'price', 'change'],
      };
    },
  };
};

/** The price before a discount. */
const before: DrawForm = (random, difficulty) => {
  const rate = byLevel(
    difficulty,
    random.pick([10, 20, 25, 50]),
    random.integer(1, 9) * 5,
    random.integer(3, 48),
  );
  const price = random.integer(2, 30) * byLevel(difficulty, 20, 20, 100);
  const kept = 100 - rate;
  const paid = (price * kept) / 100;
  const [n, d] = lowest(kept, 100);
  return {
    form: 'before',
    parameters: `${paid},${rate}`,
    write(scene, wording) {
      const ware = scene.pick(WARES);
      const place = scene.pick(PLACES);
      const asked = wording.pick([
        `After a discount of ${rate}%, ${ware} in a shop in ${place} costs ${paid} crowns. What was the price before the discount?`,
        `A shop in ${place} takes ${rate} percent off the price of ${ware}, and a customer pays ${paid} crowns. Find the full price.`,
        `With ${rate}% off, ${ware} is sold in ${place} for ${paid} crowns. How much did it cost originally?`,
      ]);
      return {
        question: asked + closing(wording),
        answer: String(price),
        steps: [
          `The discount is taken from the full price, which is not known. Taking ${rate}% away leaves 100 - ${rate} = ${kept} hundredths of the full price, and these ${kept} hundredths are the ${paid} crowns that were paid.`,
          `To get back to the whole, find one hundredth first: the price paid divided by ${kept}. It is easier to multiply by one hundred before dividing: ${paid} * 100 = ${paid * 100}.`,
          `Then divide by the share that was left: ${paid * 100} / ${kept} = ${price}. This is the full price in crowns.`,
          `Check forwards: ${rate}% of ${price} is ${price} * ${rate} = ${price * rate}, ${price * rate} / 100 = ${(price * rate) / 100}, and ${price} - ${(price * rate) / 100} = ${paid}, as it should be.`,
          `The price before the discount was ${price} crowns. The answer is ${price}.`,
        ],
        work: [
          left(rate),
          ...(kept % 5 === 0
            ? [...reduction(kept, 100), ...(n === 1 ? [] : division(paid, n)), ...multiplication(paid / n, d)]
            : [...division(paid, kept), shift(paid / kept, 2)]),
        ],
        keywords: ['percent', 'discount', 'inverse'],
      };
    },
  };
};

export const percentages = topicOf('percentages', 'math', 'arithmetic', [share, change, before]);
