/** Scientific method: which variable is which in an experiment, and what repeated measurements say. */
import { addition, division, subtraction } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, series } from '../writing.js';

/** [what is studied, what can be varied or kept the same, what can be measured]. */
const STUDIES = [
  [
    'bean plants',
    ['the amount of water', 'the hours of light', 'the type of soil', 'the size of the pot'],
    ['the height of the plants', 'the number of leaves'],
  ],
  [
    'paper planes',
    ['the length of the wings', 'the kind of paper', 'the angle of the throw', 'the weight of the nose'],
    ['the distance flown', 'the time in the air'],
  ],
  [
    'sugar cubes in tea',
    ['the temperature of the tea', 'the speed of stirring', 'the volume of tea', 'the size of the cubes'],
    ['the time until they dissolve', 'the sweetness rating'],
  ],
  [
    'bread dough',
    ['the amount of yeast', 'the room temperature', 'the kind of flour', 'the time of kneading'],
    ['the rise of the dough', 'the weight of the loaf'],
  ],
  [
    'a pendulum',
    ['the length of the string', 'the mass of the bob', 'the angle of release', 'the kind of string'],
    ['the time of one swing', 'the number of swings'],
  ],
  [
    'magnets',
    ['the number of turns of the coil', 'the current', 'the core material', 'the wire thickness'],
    ['the number of clips lifted', 'the pull on a scale'],
  ],
  [
    'tomato seedlings',
    [
      'the amount of fertilizer',
      'the colour of the light',
      'the water temperature',
      'the depth of the seeds',
    ],
    ['the days until they sprout', 'the mass of the fruit'],
  ],
  [
    'ice cubes',
    ['the amount of salt', 'the wrapping material', 'the size of the dish', 'the air temperature'],
    ['the time until they melt', 'the mass of melted water'],
  ],
] as const;

const ROLES = ['independent', 'dependent', 'controlled'] as const;

/** What the question writes before the variable of each role. */
const LABELS = {
  independent: 'Changed on purpose',
  dependent: 'Recorded',
  controlled: 'Kept the same',
} as const satisfies Record<(typeof ROLES)[number], string>;

const variables: DrawForm = (random, difficulty) => {
  const study = random.integer(0, STUDIES.length - 1);
  const [, factors, measures] = STUDIES[study]!;
  const order = random.shuffle([...factors]);
  const measured = random.pick(measures);
  const kept = order.slice(1, byLevel(difficulty, 2, 3, 4));
  const role =
    difficulty === 'easy' ? random.pick(['independent', 'dependent'] as const) : random.pick(ROLES);
  const answer = role === 'independent' ? order[0]! : role === 'dependent' ? measured : [...kept].join(', ');
  return {
    form: `${role}_variable`,
    parameters: `${study},${order[0]},${measured},${[...kept].sort().join('+')}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const [subject] = STUDIES[study]!;
      const groups = scene.pick(['three', 'four', 'five', 'six', 'eight']);
      const goal =
        role === 'controlled'
          ? wording.pick(['Which variables are controlled? List them.', 'Name all the controlled variables.'])
          : wording.pick([`Which is the ${role} variable?`, `Name the ${role} variable.`]);
      const question = wording.pick([
        `In ${place}, ${person} does an experiment with ${subject} in ${groups} groups. Changed on purpose: ${order[0]}. Kept the same: ${kept.join(', ')}. Recorded: ${measured}. ${goal}`,
        `${person} from ${place} studies ${subject} with ${groups} groups. Recorded: ${measured}. Changed on purpose: ${order[0]}. Kept the same: ${kept.join(', ')}. ${goal}`,
        `An experiment on ${subject} by ${person} in ${place} has ${groups} groups. Kept the same: ${kept.join(', ')}. Changed on purpose: ${order[0]}. Recorded: ${measured}. ${goal}`,
      ]);
      return {
        question: question + closing(wording),
        answer,
        steps: [
          `In a fair experiment one thing is changed on purpose, one thing is recorded as the result, and everything else that could matter is kept the same. These are the independent, the dependent and the controlled variables.`,
          `Changed on purpose between the ${groups} groups is ${order[0]}. So this is the independent variable, the supposed cause.`,
          `What ${person} records is ${measured}. It may depend on the cause, so it is the dependent variable, the effect.`,
          `Kept the same in all groups: ${series(kept)}. ${kept.length > 1 ? 'These are the controlled variables' : 'This is a controlled variable'}. If they differed as well, nobody could tell which difference caused the effect.`,
          `The question asks for the ${role} variable${role === 'controlled' && kept.length > 1 ? 's' : ''}. The answer is ${answer}.`,
        ],
        work: [`${role} variable`, `${LABELS[role]}: ${answer}`, `answer ${answer}`],
        keywords: ['scientific method', 'variable', role],
        unordered: role === 'controlled',
      };
    },
  };
};

/** Work for the sum of values, one after the other. */
function sumWork(values: readonly number[]): string[] {
  let sum = values[0]!;
  return values.slice(1).flatMap((value) => {
    const steps = addition(sum, value);
    sum += value;
    return steps;
  });
}

/** The mean of repeated measurements of a treated group and a control group. */
const comparison: DrawForm = (random, difficulty) => {
  const size = byLevel(difficulty, 3, 4, 5);
  const draw = (mean: number): number[] => {
    const spread = Array.from({ length: size - 1 }, () => random.integer(-6, 6));
    const values = spread.map((offset) => mean + offset);
    return [...values, mean * size - values.reduce((a, b) => a + b, 0)];
  };
  const [low, high] = [random.integer(30, 60), random.integer(61, 95)];
  const isBetter = random.integer(0, 1) === 1;
  const [treated, control] = isBetter ? [draw(high), draw(low)] : [draw(low), draw(high)];
  const [mt, mc] = isBetter ? [high, low] : [low, high];
  const answer = difficulty === 'easy' ? String(mt) : String(mt - mc);
  return {
    form: difficulty === 'easy' ? 'mean' : 'difference_of_means',
    parameters: `${[...treated].sort().join('.')},${[...control].sort().join('.')}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const study = scene.pick(STUDIES);
      const [subject, factors, measures] = study;
      const factor = scene.pick(factors);
      const measure = scene.pick(measures);
      const other = difficulty === 'easy' ? '' : ` The control group gives ${control.join(', ')}.`;
      const goal =
        difficulty === 'easy'
          ? 'What is the mean?'
          : 'By how much does the mean of the first group differ from that of the control group? Use a minus sign if it is smaller.';
      const question = wording.pick([
        `${person} in ${place} tests how ${factor} acts on ${subject} and records ${measure}. The group with the change gives ${treated.join(', ')}.${other} ${goal}`,
        `To see what ${factor} does to ${subject}, ${person} measures ${measure} in ${place}. With the change the values are ${treated.join(', ')}.${other} ${goal}`,
        `In a study of ${subject} in ${place}, ${person} changes ${factor} and notes ${measure}: ${treated.join(', ')}.${other} ${goal}`,
      ]);
      const meanSteps = (values: readonly number[], name: string, mean: number): string => {
        let sum = values[0]!;
        const sums = values.slice(1).map((value) => {
          const text = `${sum} + ${value} = ${sum + value}`;
          sum += value;
          return text;
        });
        return `Mean of the ${name}: add the values, ${sums.join(', ')}, and divide by their number, ${sum} / ${size} = ${mean}.`;
      };
      const steps = [
        `Single measurements scatter by chance, so they are repeated and summed up by their mean. The mean is the sum of the values divided by how many there are.`,
        meanSteps(treated, 'group with the change', mt),
      ];
      if (difficulty !== 'easy') {
        steps.push(
          `A control group shows what happens without the change, so that other causes can be ruled out. It must be treated in the same way in all other respects.`,
          meanSteps(control, 'control group', mc),
          `The effect is the difference of both means: ${mt} - ${mc} = ${answer}.`,
        );
      } else {
        steps.push(
          `Check: the mean must lie between the smallest value, ${Math.min(...treated)}, and the largest value, ${Math.max(...treated)}, and so it does.`,
        );
      }
      steps.push(
        `Whether this is more than chance would need more repetitions and a look at the scatter, but the number asked for is clear. The answer is ${answer}.`,
      );
      return {
        question: question + closing(wording),
        answer,
        steps,
        // Both groups have the same size, so the difference of their sums needs to be divided only once.
        work: [
          ...sumWork(treated),
          ...(difficulty === 'easy'
            ? division(mt * size, size)
            : [
                ...sumWork(control),
                ...subtraction(mt * size, mc * size),
                ...division((mt - mc) * size, size),
              ]),
          `answer ${answer}`,
        ],
        keywords: ['scientific method', 'mean', 'control group'],
      };
    },
  };
};

export const scientificMethod = topicOf('scientific_method', 'science', 'scientific_method', [
  variables,
  comparison,
]);
