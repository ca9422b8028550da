/** Stories that need several operations: steady speed, ages, work together, and a shop's day. */
import { addition, division, multiplication, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { GOODS, PEOPLE, PLACES, peopleOf } from '../scenes.js';
import { byLevel, closing } from '../writing.js';

const VEHICLES = [
  'train',
  'bus',
  'cargo ship',
  'cyclist',
  'drone',
  'truck',
  'ferry',
  'tram',
  'balloon',
  'sledge',
] as const;

const travel: DrawForm = (random, difficulty) => {
  const speed = random.integer(byLevel(difficulty, 4, 11, 21), byLevel(difficulty, 12, 60, 95));
  const hours = random.integer(2, byLevel(difficulty, 4, 6, 9));
  const wanted = hours + random.integer(1, byLevel(difficulty, 4, 8, 12));
  const slower = difficulty === 'hard' ? random.integer(2, speed - 10) : 0;
  const distance = speed * hours;
  const last = speed - slower;
  const answer = last * wanted;
  return {
    form: slower ? 'slower_travel' : 'travel',
    parameters: `${distance},${hours},${wanted},${slower}`,
    write(scene, wording) {
      const vehicle = scene.pick(VEHICLES);
      const place = scene.pick(PLACES);
      const person = scene.pick(PEOPLE);
      const then = slower
        ? `After a rest it goes ${slower} km slower each hour, for ${wanted} hours. How far does it get in that second part?`
        : `At the same speed, how far does it get in ${wanted} hours?`;
      const asked = wording.pick([
        `A ${vehicle} leaves ${place} and covers ${distance} km in ${hours} hours. ${then} ${person} waits for it.`,
        `${person} follows a ${vehicle} near ${place} that makes ${distance} km in ${hours} hours. ${then}`,
        `From ${place}, a ${vehicle} with ${person} on board travels ${distance} km within ${hours} hours. ${then}`,
      ]);
      const steps = [
        `The ${vehicle} moves at a steady speed, so the distance grows in step with the time. The plan is to find the distance covered in one hour and to multiply it by the hours asked for.`,
        `Speed is distance divided by time: ${distance} / ${hours} = ${speed}. So it covers ${speed} km in each hour of the first part.`,
      ];
      if (slower)
        steps.push(
          `In the second part it is ${slower} km slower each hour: ${speed} - ${slower} = ${last} km in an hour.`,
        );
      steps.push(
        `Multiply the speed by the time: ${last} * ${wanted} = ${answer}. This is the distance in km.`,
        `Check by dividing back: ${answer} / ${wanted} = ${last}, the speed in this part, so the result fits the story.`,
        `The answer is ${answer} km.`,
      );
      return {
        question: asked + closing(wording),
        answer: `${answer} km`,
        steps,
        work: [
          ...division(distance, hours),
          ...(slower ? subtraction(speed, slower) : []),
          ...multiplication(last, wanted),
          `answer ${answer} km`,
        ],
        keywords: ['speed', 'distance', 'time'],
      };
    },
  };
};

/** One is k times as old as another, the sum is given; medium and hard ask about another year. */
const ages: DrawForm = (random, difficulty) => {
  const young = random.integer(2, byLevel(difficulty, 12, 18, 20));
  const times = random.integer(2, 4);
  const old = young * times;
  const later = difficulty === 'easy' ? 0 : random.integer(2, byLevel(difficulty, 2, 12, 25));
  const third = difficulty === 'hard' ? random.integer(1, 15) : 0;
  const total = old + young + (third ? young + third : 0);
  const parts = times + 1 + (third ? 1 : 0);
  const answer = String(old + later);
  return {
    form: third ? 'three_ages' : 'ages',
    parameters: `${times},${total},${later},${third}`,
    write(scene, wording) {
      const [a, b, c] = peopleOf(scene, 3) as [string, string, string];
      const place = scene.pick(PLACES);
      const other = third ? ` ${c} is ${third} years older than ${b}.` : '';
      const who = third ? `${a}, ${b} and ${c}` : `${a} and ${b}`;
      const goal = later ? `How old will ${a} be in ${later} years?` : `How old is ${a}?`;
      const asked = wording.pick([
        `${a} is ${times} times as old as ${b}.${other} The ages of ${who}, who all live in ${place}, add up to ${total}. ${goal}`,
        `In ${place}, ${a} says: I am ${times} times the age of ${b}.${other} Together ${who} are ${total} years old. ${goal}`,
        `The age of ${a} is ${times} times that of ${b}.${other} If ${who} from ${place} have ${total} years in all, ${goal.toLowerCase().replace(a.toLowerCase(), a)}`,
      ]);
      const steps = [
        `Call the age of ${b} one part. Then ${a} has ${times} parts${third ? `, and ${c} has one part and ${third} years more` : ''}. Everything can be said in parts, so there is only one unknown.`,
        third
          ? `All ages together are ${parts} parts and ${third} years. Take the extra years away first: ${total} - ${third} = ${total - third}.`
          : `Together they have ${times} + 1 = ${parts} parts, and these make ${total} years.`,
        `Divide by the number of parts: ${total - third} / ${parts} = ${young}. So one part is ${young} years, and that is the age of ${b}.`,
        `The age of ${a} is ${times} parts: ${young} * ${times} = ${old}.`,
      ];
      if (later)
        steps.push(`The question is about the time ${later} years from now: ${old} + ${later} = ${answer}.`);
      steps.push(
        third
          ? `Check today's sum: ${old} + ${young} = ${old + young}, ${young} + ${third} = ${young + third}, and ${old + young} + ${young + third} = ${total}, as given.`
          : `Check today's sum: ${old} + ${young} = ${total}, as given, and ${old} / ${young} = ${times}, as given too.`,
        `The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          `${times} + 1${third ? ' + 1' : ''} = ${parts}`,
          ...(third ? subtraction(total, third) : []),
          ...division(total - third, parts),
          ...multiplication(young, times),
          ...(later ? addition(old, later) : []),
        ],
        keywords: ['ages', 'parts', 'sum'],
      };
    },
  };
};

/** Two rates that work together; hard: one starts later. */
const work: DrawForm = (random, difficulty) => {
  const [p, q] = [
    random.integer(3, byLevel(difficulty, 10, 25, 40)),
    random.integer(3, byLevel(difficulty, 10, 25, 40)),
  ];
  const hours = random.integer(2, byLevel(difficulty, 6, 10, 12));
  const alone = difficulty === 'hard' ? random.integer(1, 6) : 0;
  const done = p * alone;
  const total = (p + q) * hours + done;
  const answer = String(hours);
  return {
    form: alone ? 'late_work' : 'work',
    parameters: `${p},${q},${total},${alone}`,
    write(scene, wording) {
      const [a, b] = peopleOf(scene, 2) as [string, string];
      const goods = scene.pick(GOODS);
      const place = scene.pick(PLACES);
      const verb = scene.pick(['packs', 'checks', 'labels', 'cleans', 'sorts', 'wraps']);
      const start = alone ? ` ${a} works alone for ${alone} hours before ${b} joins.` : '';
      const goal = `How many hours do they work together until ${total} ${goods} are done`;
      const asked = wording.pick([
        `${a} ${verb} ${p} ${goods} an hour and ${b} ${verb} ${q}.${start} ${goal} in ${place}?`,
        `In a workshop in ${place}, ${a} ${verb} ${p} ${goods} every hour, ${b} ${verb} ${q}.${start} ${goal}?`,
        `Each hour ${a} ${verb} ${p} ${goods}; ${b}, also in ${place}, ${verb} ${q} in that time.${start} ${goal}?`,
      ]);
      const steps = [
        `While both work, their numbers per hour add up: ${p} + ${q} = ${p + q} ${goods} an hour. The hours together are what is left to do, divided by this number.`,
      ];
      if (alone) {
        steps.push(
          `Before that, ${a} works alone for ${alone} hours: ${p} * ${alone} = ${done} ${goods} are done by then.`,
          `So ${total} - ${done} = ${total - done} ${goods} are left for the time in which both work.`,
        );
      } else
        steps.push(`Nothing is done before they start together, so all ${total} ${goods} are left for both.`);
      steps.push(
        `Divide by what they do in an hour: ${total - done} / ${p + q} = ${hours}. So they need ${hours} hours together.`,
        `Check by counting what each does in that time: ${p} * ${hours} = ${p * hours}, ${q} * ${hours} = ${q * hours}, and ${p * hours} + ${q * hours} = ${total - done}, as needed.`,
        `The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...addition(p, q),
          ...(alone ? [...multiplication(p, alone), ...subtraction(total, done)] : []),
          ...division(total - done, p + q),
        ],
        keywords: ['rate', 'work', 'together'],
      };
    },
  };
};

/** Stock bought, damaged and sold at a profit. */
const trade: DrawForm = (random, difficulty) => {
  const boxes = random.integer(2, byLevel(difficulty, 6, 15, 25));
  const each = random.integer(3, byLevel(difficulty, 10, 24, 36));
  const count = boxes * each;
  const broken = random.integer(1, Math.min(count - 1, byLevel(difficulty, 5, 20, 40)));
  const sold = count - broken;
  const price = difficulty === 'easy' ? 0 : random.integer(2, 12);
  const cost = difficulty === 'hard' ? random.integer(10, Math.max(11, sold * price - 10)) : 0;
  const answer = String(price ? sold * price - cost : sold);
  return {
    form: cost ? 'profit' : price ? 'revenue' : 'stock',
    parameters: `${boxes}*${each}-${broken}*${price}-${cost}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const goods = scene.pick(GOODS);
      const place = scene.pick(PLACES);
      const sale = price ? ` The others are sold for ${price} crowns each.` : '';
      const paid = cost ? ` The whole delivery had cost ${cost} crowns.` : '';
      const goal = cost
        ? 'How many crowns of profit is that?'
        : price
          ? 'How many crowns come in?'
          : `How many ${goods} can be sold?`;
      const asked = wording.pick([
        `${person} gets ${boxes} boxes with ${each} ${goods} each for a shop in ${place}; ${broken} of all these are damaged.${sale}${paid} ${goal}`,
        `A delivery of ${boxes} boxes of ${each} ${goods} reaches ${person} in ${place}, but ${broken} ${goods} are broken.${sale}${paid} ${goal}`,
        `In ${place}, ${person} unpacks ${boxes} boxes, each holding ${each} ${goods}, and throws ${broken} bad ones away.${sale}${paid} ${goal}`,
      ]);
      const steps = [
        `First count everything that arrived: ${boxes} boxes with ${each} ${goods} each make ${boxes} * ${each} = ${count} ${goods}.`,
        `The damaged ones cannot be sold, so take them away from the whole delivery, once and not once a box: ${count} - ${broken} = ${sold}.`,
      ];
      if (price)
        steps.push(
          `Each of the ${sold} good ones brings ${price} crowns, so the sale brings ${sold} * ${price} = ${sold * price} crowns.`,
        );
      if (cost) {
        steps.push(
          `Profit is what came in less what was paid. The delivery cost ${cost} crowns, so the profit is ${sold * price} - ${cost} = ${answer} crowns.`,
          `Check by adding back: ${answer} + ${cost} = ${sold * price}, the amount that the sale brought.`,
        );
      } else {
        steps.push(
          `Check the count of good ones from the other side: ${sold} + ${broken} = ${count}, and ${count} / ${boxes} = ${each}, which is what each box held at the start.`,
        );
      }
      steps.push(`That is what the question asks for. The answer is ${answer}.`);
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...multiplication(boxes, each),
          ...subtraction(count, broken),
          ...(price ? multiplication(sold, price) : []),
          ...(cost ? subtraction(sold * price, cost) : []),
        ],
        keywords: ['multi-step', 'trade', 'count'],
      };
    },
  };
};

export const wordProblems = topicOf('word_problems', 'math', 'word_problems', [travel, ages, work, trade]);
