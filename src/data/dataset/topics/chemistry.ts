/** Chemistry: molar masses, dilutions, and explanations. */
import { addition, division, multiplication, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing } from '../writing.js';
import { explain } from './explanations.js';

/** Molar masses in whole grams per mole, as at school, by chemical symbol. */
const ELEMENTS: Readonly<Record<string, readonly [name: string, molarMass: number]>> = {
  H: ['hydrogen', 1],
  C: ['carbon', 12],
  N: ['nitrogen', 14],
  O: ['oxygen', 16],
  Na: ['sodium', 23],
  Mg: ['magnesium', 24],
  S: ['sulfur', 32],
  Ca: ['calcium', 40],
};

const SUBSTANCES = [
  ['water', 'H2O'],
  ['carbon dioxide', 'CO2'],
  ['methane', 'CH4'],
  ['ammonia', 'NH3'],
  ['calcium carbonate', 'CaCO3'],
  ['sodium hydroxide', 'NaOH'],
  ['glucose', 'C6H12O6'],
  ['ethanol', 'C2H6O'],
  ['sulfuric acid', 'H2SO4'],
  ['magnesium oxide', 'MgO'],
] as const;

interface Atoms {
  readonly count: number;
  readonly element: string;
  /** Grams per mole. */
  readonly mass: number;
}

/** The atoms of a formula without brackets, in its order. */
function atomsOf(formula: string): Atoms[] {
  return [...formula.matchAll(/([A-Z][a-z]?)(\d*)/g)].map(([, symbol, count]) => {
    const [element, mass] = ELEMENTS[symbol!]!;
    return { count: Number(count || 1), element, mass };
  });
}

const moles: DrawForm = (random, difficulty) => {
  const index = random.integer(0, SUBSTANCES.length - 1);
  const [name, formula] = SUBSTANCES[index]!;
  const atoms = atomsOf(formula);
  const molar = atoms.reduce((sum, { count, mass }) => sum + count * mass, 0);
  const amount = random.integer(2, byLevel(difficulty, 9, 30, 60));
  const grams = molar * amount;
  const asksAmount = difficulty !== 'easy';
  const answer = asksAmount ? `${amount} mol` : `${grams} g`;
  return {
    form: asksAmount ? 'amount' : 'mass',
    parameters: `${index},${amount}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const vessel = scene.pick([
        'a flask',
        'a beaker',
        'a steel bottle',
        'a glass jar',
        'a test tank',
        'a storage can',
      ]);
      const masses = atoms.map(({ element, mass }) => `${element} ${mass}`).join(', ');
      const given = asksAmount ? `${grams} g` : `${amount} mol`;
      const goal = asksAmount ? 'How many moles is that?' : 'What is its mass in grams?';
      const asked = wording.pick([
        `In a laboratory in ${place}, ${person} fills ${vessel} with ${given} of ${name} (${formula}). ${goal} Molar masses in grams per mole: ${masses}.`,
        `${person} keeps ${given} of ${name}, formula ${formula}, in ${vessel} in ${place}. ${goal} Use these molar masses in grams per mole: ${masses}.`,
        `There is ${vessel} with ${given} of ${name} (${formula}) on the desk of ${person} in ${place}. ${goal} The molar masses in grams per mole are ${masses}.`,
      ]);
      const parts = atoms.map(
        ({ count, element, mass }) => `${element} ${count} * ${mass} = ${count * mass}`,
      );
      let running = atoms[0]!.count * atoms[0]!.mass;
      const sums: string[] = [];
      const sumWork: string[] = [];
      for (const { count, mass } of atoms.slice(1)) {
        sums.push(`${running} + ${count * mass} = ${running + count * mass}`);
        sumWork.push(...addition(running, count * mass));
        running += count * mass;
      }
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The formula ${formula} tells how many atoms of each element one particle of ${name} has. Mass and amount of substance are connected by the molar mass, which is the sum of the molar masses of all these atoms.`,
          `Contributions of the elements: ${parts.join('; ')}. An element without a small number behind it counts once.`,
          `Add them up: ${sums.join(', ')}. So one mole of ${name} has a mass of ${molar} grams.`,
          asksAmount
            ? `The amount is the mass divided by the molar mass: ${grams} / ${molar} = ${amount} moles.`
            : `The mass is the amount times the molar mass: ${amount} * ${molar} = ${grams} grams.`,
          asksAmount
            ? `Check by multiplying back: ${amount} * ${molar} = ${grams}, the mass that was given.`
            : `Check by dividing back: ${grams} / ${molar} = ${amount}, the amount that was given.`,
          `The answer is ${answer}.`,
        ],
        work: [
          ...atoms.flatMap(({ count, element, mass }) =>
            count === 1 ? [`${element} ${mass}`] : [element, ...multiplication(count, mass)],
          ),
          ...sumWork,
          ...(asksAmount ? division(grams, molar) : multiplication(amount, molar)),
          `answer ${answer}`,
        ],
        keywords: ['chemistry', 'molar mass', 'mole'],
      };
    },
  };
};

/** c1 V1 = c2 V2 in whole numbers. */
const dilution: DrawForm = (random, difficulty) => {
  const factor = random.integer(2, byLevel(difficulty, 5, 9, 12));
  const weak = random.integer(1, byLevel(difficulty, 5, 9, 15));
  const volume = random.integer(2, 30) * 10;
  const final = volume * factor;
  const strong = weak * factor;
  const asksWater = difficulty !== 'easy';
  const answer = asksWater ? `${final - volume} mL` : `${weak} g/L`;
  return {
    form: asksWater ? 'water_to_add' : 'dilution',
    parameters: `${strong},${volume},${asksWater ? weak : final}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const stuff = scene.pick([
        'salt',
        'sugar',
        'dye',
        'fertilizer',
        'citric acid',
        'soap',
        'baking soda',
        'copper sulfate',
      ]);
      const target = asksWater ? `a concentration of ${weak} grams per litre` : `a volume of ${final} mL`;
      const goal = asksWater
        ? 'How many mL of water must be added?'
        : 'Which concentration results, in grams per litre?';
      const asked = wording.pick([
        `${person} in ${place} has a ${stuff} solution of ${strong} grams per litre and takes ${volume} mL of it. Water is added until it has ${target}. ${goal}`,
        `In ${place} a ${stuff} solution with ${strong} grams per litre is thinned: to ${volume} mL of it ${person} adds water up to ${target}. ${goal}`,
        `A ${stuff} solution holds ${strong} grams per litre. ${person} from ${place} fills ${volume} mL into a bottle and adds water to get ${target}. ${goal}`,
      ]);
      const steps = [
        `Adding water does not change how much ${stuff} is in the bottle. So concentration times volume is the same before and after, and when the one gets smaller the other must grow by the same factor.`,
        `Before, concentration times volume is ${strong} * ${volume} = ${strong * volume}. This product stays the same.`,
        asksWater
          ? `The wanted concentration fixes the final volume: ${strong * volume} / ${weak} = ${final} mL.`
          : `The final volume fixes the concentration: ${strong * volume} / ${final} = ${weak} grams per litre.`,
      ];
      if (asksWater)
        steps.push(
          `Of this volume, ${volume} mL were there from the start, so the water is the rest: ${final} - ${volume} = ${final - volume} mL.`,
        );
      steps.push(
        `Check with the factor: the volume grows by ${final} / ${volume} = ${factor}, and the concentration falls by the same factor, ${strong} / ${factor} = ${weak}.`,
        `The answer is ${answer}.`,
      );
      // Of `factor` equal parts of the final volume one is there from the start, the others are water.
      const work = asksWater
        ? [
            ...division(strong, weak),
            ...subtraction(factor, 1),
            ...multiplication(volume, factor - 1),
            `answer ${answer}`,
          ]
        : [...division(final, volume), ...division(strong, factor), `answer ${answer}`];
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work,
        keywords: ['chemistry', 'concentration', 'dilution'],
      };
    },
  };
};

export const chemistry = topicOf('chemistry', 'science', 'chemistry', [
  moles,
  moles,
  dilution,
  explain('chemistry'),
]);
