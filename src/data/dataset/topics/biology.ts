/** Biology: growth by doubling, inheritance, and explanations. */
import { division, multiplication, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, fraction, gcd } from '../writing.js';
import { explain } from './explanations.js';

/** Growth of a culture by doubling, or energy along a food chain. */
const culture: DrawForm = (random, difficulty) => {
  const start = random.integer(2, 60) * byLevel(difficulty, 10, 10, 5);
  const minutes = random.integer(2, 12) * 5;
  const doublings = random.integer(2, byLevel(difficulty, 4, 6, 8));
  const lost = difficulty === 'hard' ? random.integer(1, 9) * 10 : 0;
  const end = start * 2 ** doublings;
  const answer = String(end - lost);
  return {
    form: lost ? 'culture_with_loss' : 'culture',
    parameters: `${start},${minutes},${doublings},${lost}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const cells = scene.pick(['yeast cells', 'bacteria', 'algae', 'amoebas', 'paramecia', 'diatoms']);
      const wash = lost ? ` At the end ${lost} of them are taken out as a sample.` : '';
      const asked = wording.pick([
        `${person} starts a culture of ${start} ${cells} in ${place}. Their number doubles every ${minutes} minutes, for ${minutes * doublings} minutes.${wash} How many are there then?`,
        `In ${place} there are ${start} ${cells} in a dish; each ${minutes} minutes their number doubles. ${person} waits ${minutes * doublings} minutes.${wash} How many ${cells} does the dish hold?`,
        `A dish with ${start} ${cells} stands in the laboratory of ${person} in ${place}. The number doubles in ${minutes} minutes. After ${minutes * doublings} minutes it is counted.${wash} What number of ${cells} remains?`,
      ]);
      let value = start;
      const chain = Array.from({ length: doublings }, () => {
        const text = `${value} * 2 = ${value * 2}`;
        value *= 2;
        return text;
      });
      const steps = [
        `Cells that divide double their number in equal times, as long as food and space last. So the first thing to find is how many doublings fit into the whole time.`,
        `Number of doublings: ${minutes * doublings} / ${minutes} = ${doublings}.`,
        `Double ${doublings} times, starting from ${start}: ${chain.join(', ')}. Adding the same number each time would be wrong, since every new cell divides as well.`,
      ];
      if (lost)
        steps.push(
          `The sample is taken out at the end, after the last doubling: ${end} - ${lost} = ${answer}.`,
        );
      steps.push(
        `Check with the power of two: two to the power of ${doublings} is ${2 ** doublings}, and ${start} * ${2 ** doublings} = ${end}.`,
        `The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        // Doubling needs no columns: each digit depends on itself and on the one to its right only.
        work: [
          ...division(minutes * doublings, minutes),
          ...chain.map((doubling, i) => `${i + 1}: ${doubling}`),
          ...(lost ? subtraction(end, lost) : []),
          `answer ${answer}`,
        ],
        keywords: ['biology', 'doubling', 'growth'],
      };
    },
  };
};

/**
 * The work of a cross for one gene: the copies that show the wanted trait, the four combinations, how many of them show it,
 * and how many of `offspring` do, unless that is 0.
 */
function crossWork(
  [a, b]: readonly [number, number],
  gene: string,
  trait: string,
  isRecessive: boolean,
  offspring: number,
): string[] {
  const small = gene.toLowerCase();
  const copies = (count: number): [string, string] => [count > 0 ? gene : small, count > 1 ? gene : small];
  const combinations = copies(a).flatMap((x) => copies(b).map((y) => (x === gene ? x + y : y + x)));
  const sign = isRecessive ? small + small : gene;
  const shown = combinations.filter((combination) => combination.includes(sign)).length;
  return [
    `${trait} ${sign}`,
    `${copies(a).join('')} and ${copies(b).join('')}: ${combinations.join(' ')}`,
    `${sign} ${shown} of 4`,
    ...(offspring ? [...division(offspring, 4), ...multiplication(offspring / 4, shown)] : []),
  ];
}

const TRAITS = [
  ['pea plants', 'purple flowers', 'white flowers', 'F'],
  ['rabbits', 'black fur', 'brown fur', 'B'],
  ['tomato plants', 'red fruit', 'yellow fruit', 'R'],
  ['guinea pigs', 'short hair', 'long hair', 'H'],
  ['fruit flies', 'grey bodies', 'black bodies', 'G'],
  ['bean plants', 'tall stems', 'short stems', 'T'],
  ['corn plants', 'smooth grains', 'wrinkled grains', 'S'],
  ['mice', 'dark eyes', 'pink eyes', 'D'],
] as const;

/** Mendel: a cross of two parents for one gene; hard ones for two. */
const cross: DrawForm = (random, difficulty) => {
  const pair = (): [number, number] =>
    random.pick([
      [1, 1],
      [1, 2],
      [1, 0],
      [2, 1],
    ]) as [number, number];
  const first = pair();
  const second = difficulty === 'hard' ? pair() : null;
  const asksRecessive = random.integer(0, 1) === 1;
  const offspring = difficulty === 'easy' ? 0 : random.integer(2, 30) * 16;
  // Of four combinations, how many show the recessive trait: (2 - a)(2 - b), with a and b the numbers of dominant copies.
  const shown = ([a, b]: [number, number]): number =>
    asksRecessive ? (2 - a) * (2 - b) : 4 - (2 - a) * (2 - b);
  const hits = shown(first) * (second ? shown(second) : 1);
  const cells = second ? 16 : 4;
  const answer = offspring ? String((offspring * hits) / cells) : fraction(hits, cells);
  return {
    form: second ? 'two_genes' : 'one_gene',
    parameters: `${[...first].sort()},${second ? [...second].sort() : ''},${asksRecessive},${offspring}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const [species, dominant, recessive, letter] = scene.pick(TRAITS);
      const genotype = (copies: number, gene: string): string =>
        copies === 2 ? gene + gene : (copies === 1 ? gene : gene.toLowerCase()) + gene.toLowerCase();
      const others = second
        ? scene.pick([
            ['A', 'early growth', 'late growth'],
            ['K', 'strong scent', 'no scent'],
            ['L', 'large size', 'small size'],
          ] as const)
        : null;
      const parents = [0, 1].map(
        (side) =>
          genotype(first[side]!, letter) + (second && others ? genotype(second[side]!, others[0]) : ''),
      );
      const trait = asksRecessive ? recessive : dominant;
      const wanted = second && others ? `${trait} together with ${others[asksRecessive ? 2 : 1]}` : trait;
      const rule = `${dominant} (${letter}) are dominant over ${recessive} (${letter.toLowerCase()})${others ? `, and independently ${others[1]} (${others[0]}) is dominant over ${others[2]} (${others[0].toLowerCase()})` : ''}`;
      const goal = offspring
        ? `How many of ${offspring} offspring can be expected to have ${wanted}?`
        : `Which fraction of the offspring is expected to have ${wanted}?`;
      const asked = wording.pick([
        `In ${species} ${rule}. ${person} in ${place} crosses ${parents[0]} with ${parents[1]}. ${goal}`,
        `${person} breeds ${species} in ${place}, where ${rule}. The parents are ${parents[0]} and ${parents[1]}. ${goal}`,
        `Parents of type ${parents[0]} and ${parents[1]} are crossed by ${person} from ${place}. They are ${species}, for which ${rule}. ${goal}`,
      ]);
      const count = (pair: [number, number], gene: string, name: string): string =>
        `For the gene ${gene}, each parent passes on one of its two copies by chance, so there are 2 * 2 = 4 equally likely combinations. Of these ${shown(pair)} show ${name}.`;
      const steps = [
        `A recessive trait shows only in offspring with two recessive copies; one dominant copy is enough for the dominant trait. So write down what each parent can pass on and count combinations.`,
        count(first, letter, trait),
      ];
      if (second && others) {
        steps.push(
          count(second, others[0], others[asksRecessive ? 2 : 1]),
          `The genes are inherited independently, so the numbers multiply: ${shown(first)} * ${shown(second)} = ${hits} favourable ones among 4 * 4 = 16 combinations.`,
        );
      } else
        steps.push(
          `In a Punnett square these are ${hits} of the 4 cells, and each cell is equally likely, which gives the share directly.`,
        );
      const divisor = gcd(hits, cells);
      if (offspring) {
        const cell = offspring / cells;
        steps.push(
          `Each combination is expected in ${offspring} / ${cells} = ${cell} offspring, so the favourable ones make ${cell} * ${hits} = ${answer}.`,
        );
      } else if (hits > 0 && divisor > 1)
        steps.push(
          `Reduce the share: ${hits} / ${divisor} = ${hits / divisor} and ${cells} / ${divisor} = ${cells / divisor}, that is ${answer}.`,
        );
      else steps.push(`The share is ${hits} out of ${cells}, which in lowest terms is ${answer}.`);
      steps.push(
        `Chance decides for each single one, so this is an expectation and not a certainty. The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...crossWork(first, letter, trait, asksRecessive, offspring),
          ...(second && others
            ? crossWork(
                second,
                others[0],
                others[asksRecessive ? 2 : 1],
                asksRecessive,
                (offspring * shown(first)) / 4,
              )
            : []),
          ...(offspring ? [] : [`${hits} / ${cells} = ${answer}`]),
          `answer ${answer}`,
        ],
        keywords: ['biology', 'inheritance', 'probability'],
      };
    },
  };
};

export const biology = topicOf('biology', 'science', 'biology', [culture, cross, cross, explain('biology')]);
