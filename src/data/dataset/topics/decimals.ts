/** Decimals: a bill, a price times a quantity, and a price for one. */
import { addition, division, multiplication, shift, subtraction } from '../columns.js';
import { placePoint, writtenDigits } from '../compact.js';
import { type DrawForm, topicOf } from '../example.js';
import { GOODS, PEOPLE, PLACES, WARES } from '../scenes.js';
import { byLevel, closing, decimal, money } from '../writing.js';

/** Compact steps that add number after number. */
function sumOf(numbers: readonly number[]): string[] {
  let running = numbers[0]!;
  return numbers.slice(1).flatMap((number) => {
    const steps = addition(running, number);
    running += number;
    return steps;
  });
}

/** Several prices added, and the change from a note. */
const bill: DrawForm = (random, difficulty) => {
  const count = byLevel(difficulty, 2, 3, 4);
  const prices = Array.from({ length: count }, () =>
    random.integer(105, byLevel(difficulty, 990, 1950, 4990)),
  );
  const total = prices.reduce((a, b) => a + b);
  const note = (Math.floor(total / 1000) + 1) * 10;
  const asksChange = difficulty !== 'easy';
  const answer = decimal(asksChange ? note * 100 - total : total, 2);
  return {
    form: asksChange ? 'change' : 'bill',
    parameters: `${[...prices].sort((a, b) => a - b).join('+')}${asksChange ? `,${note}` : ''}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const wares = scene
        .shuffle(WARES)
        .slice(0, count)
        .map((ware) => ware.replace(/^a (pair of )?/, ''));
      const list = wares.map((ware, i) => `${money(prices[i]!)} for a set of ${ware} stickers`).join(', ');
      const asked = wording.pick([
        `At a market in ${place}, ${person} pays ${list}.${asksChange ? ` ${person} hands over ${note} crowns. How much change is due?` : ' What is the sum?'}`,
        `${person} buys small things in ${place}: ${list}.${asksChange ? ` From ${note} crowns, what is given back?` : ' How much is that together?'}`,
        `The receipt that ${person} got in ${place} reads ${list}.${asksChange ? ` How much remains of ${note} crowns?` : ' Add up the receipt.'}`,
      ]);
      const steps = [
        `The amounts have two decimals, so they can be added column by column once the decimal points stand under each other. The amounts are ${prices.map(money).join(', ')}.`,
      ];
      let running = prices[0]!;
      for (const price of prices.slice(1)) {
        steps.push(
          `Add the next amount to what has been counted so far: ${money(running)} + ${money(price)} = ${money(running + price)}. The hundredths are ${running % 100} and ${price % 100}, which together make ${(running % 100) + (price % 100)} hundredths${(running % 100) + (price % 100) > 99 ? ', so one whole is carried' : ', so nothing is carried'}.`,
        );
        running += price;
      }
      if (asksChange) {
        steps.push(
          `The change is what is left of ${note} crowns after the bill of ${money(total)} crowns is paid: ${note} - ${money(total)} = ${answer}.`,
          `Check by adding back: ${money(total)} + ${answer} = ${note}, so nothing was lost on the way.`,
        );
      } else {
        steps.push(
          `A quick estimate supports this: rounded down to whole crowns the amounts make ${Math.floor(prices[0]! / 100)} + ${Math.floor(prices[1]! / 100)} = ${Math.floor(prices[0]! / 100) + Math.floor(prices[1]! / 100)}, a little less than the exact sum.`,
        );
      }
      steps.push(`The answer is ${answer}.`);
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [...sumOf(prices), ...(asksChange ? subtraction(note * 100, total) : []), `answer ${answer}`],
        keywords: ['decimal', 'sum', 'price'],
      };
    },
  };
};

/** A decimal price times a whole or decimal quantity. */
const product: DrawForm = (random, difficulty) => {
  const price = random.integer(byLevel(difficulty, 11, 105, 205), byLevel(difficulty, 99, 995, 1995));
  const pricePlaces = difficulty === 'easy' ? 1 : 2;
  const quantity = random.integer(byLevel(difficulty, 3, 6, 12), byLevel(difficulty, 9, 24, 95));
  const quantityPlaces = difficulty === 'hard' ? 1 : 0;
  const places = pricePlaces + quantityPlaces;
  const [a, b] = [decimal(price, pricePlaces), decimal(quantity, quantityPlaces)];
  const answer = decimal(price * quantity, places);
  const [x, xPlaces] = writtenDigits(price, pricePlaces);
  const [y, yPlaces] = writtenDigits(quantity, quantityPlaces);
  const [tens, ones] = [Math.floor(quantity / 10) * 10, quantity % 10];
  return {
    form: 'product',
    parameters: `${a}*${b}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const stuff = scene.pick([
        'cherries',
        'olives',
        'rice',
        'coffee beans',
        'almonds',
        'figs',
        'lentils',
        'barley',
        'dates',
        'sea salt',
      ]);
      const asked = wording.pick([
        `One kilogram of ${stuff} costs ${a} crowns in ${place}. ${person} buys ${b} kilograms. What is the exact price?`,
        `In ${place} the price of ${stuff} is ${a} crowns a kilogram. How many crowns does ${person} pay for ${b} kilograms?`,
        `${person} sees ${stuff} for ${a} crowns per kilogram at the harbour of ${place} and takes ${b} kilograms. Find the cost, without rounding.`,
      ]);
      const steps = [
        `The cost is the price of one kilogram times the number of kilograms, so ${a} and ${b} must be multiplied. To avoid mistakes with the decimal point, multiply whole numbers first and put the point in at the end.`,
        `Without decimal points the factors are ${price} and ${quantity}. Together they had ${places} decimal${places > 1 ? 's' : ''}, which the result must have too.`,
      ];
      if (tens > 0 && ones > 0) {
        steps.push(
          `Split the second factor into ${tens} and ${ones}: ${price} * ${tens} = ${price * tens} and ${price} * ${ones} = ${price * ones}.`,
          `Add the two parts: ${price * tens} + ${price * ones} = ${price * quantity}.`,
        );
      } else {
        steps.push(`Multiply the whole numbers: ${price} * ${quantity} = ${price * quantity}.`);
      }
      steps.push(
        `Put the decimal point back, ${places} place${places > 1 ? 's' : ''} from the right, and drop zeros at the end: ${a} * ${b} = ${answer}.`,
        `The size is plausible, since ${Math.floor(price / 10 ** pricePlaces)} crowns for each of ${Math.floor(quantity / 10 ** quantityPlaces)} kilograms would already make ${Math.floor(price / 10 ** pricePlaces) * Math.floor(quantity / 10 ** quantityPlaces)} crowns. The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [...multiplication(x, y), ...placePoint(x * y, xPlaces + yPlaces)],
        keywords: ['decimal', 'product', 'decimal point'],
      };
    },
  };
};

/** From the price of several to the price of others. */
const unitPrice: DrawForm = (random, difficulty) => {
  const single = random.integer(byLevel(difficulty, 11, 25, 105), byLevel(difficulty, 60, 250, 495));
  const places = difficulty === 'easy' ? 1 : 2;
  const count = random.integer(3, byLevel(difficulty, 6, 9, 15));
  const wanted = difficulty === 'easy' ? 1 : random.integer(2, 20);
  const total = decimal(single * count, places);
  const answer = decimal(single * wanted, places);
  const one = decimal(single, places);
  const [written, writtenPlaces] = writtenDigits(single * count, places);
  // Zeros behind the written decimals, so that the division comes out even.
  const power = [0, 1, 2].find((zeros) => (written * 10 ** zeros) % count === 0)!;
  const units = written * 10 ** power;
  return {
    form: 'unit_price',
    parameters: `${total}/${count}*${wanted}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const goods = scene.pick(GOODS);
      const place = scene.pick(PLACES);
      const asked = wording.pick([
        `In ${place}, ${count} ${goods} cost ${total} crowns. At the same price each, what must ${person} pay for ${wanted} of them?`,
        `${person} knows that ${count} ${goods} are sold for ${total} crowns in ${place}. How much is due for ${wanted} at the same rate?`,
        `A stall in ${place} offers ${count} ${goods} for ${total} crowns. ${person} needs ${wanted} and pays the same for each. How many crowns is that?`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The price of ${count} ${goods} is known, the price of ${wanted} is wanted, and each one costs the same. The safe way goes through the price of a single one.`,
          `Divide the total by the number of ${goods}: ${total} / ${count} = ${one}. So one of them costs ${one} crowns.`,
          `Multiply by the number that ${person} needs: ${one} * ${wanted} = ${answer}.`,
          `Check the first result by multiplying back: ${one} * ${count} = ${total}, which is the total that was given, so the price for one is right.`,
          `The price rises and falls in step with the number, as it must when each costs the same. The answer is ${answer}.`,
        ],
        work: [
          ...(power > 0 ? [shift(written, power)] : []),
          ...division(units, count),
          ...(wanted === 1 ? [] : multiplication(units / count, wanted)),
          ...placePoint((units / count) * wanted, writtenPlaces + power),
        ],
        keywords: ['decimal', 'unit price', 'proportion'],
      };
    },
  };
};

export const decimals = topicOf('decimals', 'math', 'arithmetic', [bill, product, unitPrice]);
