/** Physics: motion under a force, simple circuits, and explanations. */
import { addition, division, multiplication } from '../columns.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing } from '../writing.js';
import { explain } from './explanations.js';

const BODIES = [
  'a sledge',
  'a shopping cart',
  'a toy car',
  'a rowing boat',
  'a trolley',
  'a hockey puck',
  'a drone',
  'a crate on wheels',
  'a kayak',
  'a wagon',
] as const;

/** F = m a; medium adds a speed after some time, hard a kinetic energy. */
const motion: DrawForm = (random, difficulty) => {
  const mass = random.integer(2, byLevel(difficulty, 20, 40, 40)) * (difficulty === 'hard' ? 2 : 1);
  const acceleration = random.integer(2, 9);
  const force = mass * acceleration;
  const seconds = difficulty === 'easy' ? 0 : random.integer(2, 9);
  const speed = acceleration * seconds;
  const energy = (mass * speed * speed) / 2;
  const [answer, unit] = byLevel(difficulty, [acceleration, 'm/s^2'], [speed, 'm/s'], [energy, 'J']) as [
    number,
    string,
  ];
  return {
    form: byLevel(difficulty, 'acceleration', 'speed', 'kinetic_energy'),
    parameters: `${force},${mass},${seconds}`,
    write(scene, wording) {
      const body = scene.pick(BODIES);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const time = seconds ? ` for ${seconds} s` : '';
      const goal = byLevel(
        difficulty,
        'What acceleration does it get, in m/s^2?',
        'Which speed does it reach from rest, in m/s?',
        'Which kinetic energy in J does it have then, starting from rest?',
      )
        .replace('m/s^2', 'metres per second squared')
        .replace('m/s', 'metres per second')
        .replace(' J ', ' joules ');
      const asked = wording.pick([
        `In ${place}, ${person} pushes ${body} with a steady force of ${force} N. Its mass is ${mass} kg and friction can be neglected. The push lasts${time || ' a moment'}. ${goal}`,
        `A force of ${force} N acts on ${body} of ${mass} kg without friction${time}, in a hall in ${place} where ${person} measures. ${goal}`,
        `${person} from ${place} applies ${force} N to ${body} that has a mass of ${mass} kg${time}. There is no friction. ${goal}`,
      ]);
      const steps = [
        `Newton's second law connects the force with the motion: the acceleration is the force divided by the mass. Friction is neglected, so the given force is the only one that matters.`,
        `Put in the numbers: ${force} / ${mass} = ${acceleration}. So the acceleration is ${acceleration} metres per second squared, which means that the speed grows by ${acceleration} metres per second each second.`,
      ];
      if (seconds) {
        steps.push(
          `It starts from rest and is pushed for ${seconds} seconds, so the speed is acceleration times time: ${acceleration} * ${seconds} = ${speed} metres per second.`,
        );
      }
      if (difficulty === 'hard') {
        steps.push(
          `The kinetic energy is half of the mass times the square of the speed. The square first: ${speed} * ${speed} = ${speed * speed}. Then ${mass} * ${speed * speed} = ${mass * speed * speed}, and half of it is ${mass * speed * speed} / 2 = ${energy} joules.`,
        );
      }
      steps.push(
        `Check the first step by multiplying back: ${mass} * ${acceleration} = ${force}, which is the force that was given. The units fit too, since a newton is a kilogram metre per second squared.`,
        `The answer is ${answer} ${unit}.`,
      );
      // The energy is force times way, and the way is half of a * t * t: factors of one digit keep the columns short.
      const half = force / 2;
      const work = [
        ...division(force, mass),
        ...byLevel(
          difficulty,
          () => [],
          () => multiplication(acceleration, seconds),
          () => [
            ...division(force, 2),
            ...multiplication(half, acceleration),
            ...multiplication(half * acceleration, seconds),
            ...multiplication(half * speed, seconds),
          ],
        )(),
        `answer ${answer} ${unit}`,
      ];
      return {
        question: asked + closing(wording),
        answer: `${answer} ${unit}`,
        steps,
        work,
        keywords: ['physics', 'force', 'motion'],
      };
    },
  };
};

const circuit: DrawForm = (random, difficulty) => {
  const current = random.integer(2, byLevel(difficulty, 6, 9, 9));
  const [r1, r2] = [random.integer(2, 30), difficulty === 'easy' ? 0 : random.integer(2, 30)];
  const resistance = r1 + r2;
  const voltage = current * resistance;
  const power = voltage * current;
  const answer = difficulty === 'hard' ? `${power} W` : `${current} A`;
  return {
    form: difficulty === 'hard' ? 'power' : 'current',
    parameters: `${voltage},${[r1, r2].sort((a, b) => a - b).join(',')}`,
    write(scene, wording) {
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const device = scene.pick([
        'a model railway',
        'a garden light',
        'a greenhouse heater',
        'a science fair project',
        'a doll house',
        'a boat',
        'a stage lamp',
        'an aquarium pump',
      ]);
      const resistors = r2 ? `two resistors of ${r1} and ${r2} ohms in series` : `a resistor of ${r1} ohms`;
      const goal =
        difficulty === 'hard'
          ? 'Which power in watts is turned into heat?'
          : 'Which current flows, in amperes?';
      const asked = wording.pick([
        `${person} connects ${resistors} to a source of ${voltage} volts for ${device} in ${place}. ${goal}`,
        `In the circuit of ${device} that ${person} built in ${place} there are ${resistors}, and the voltage is ${voltage} volts. ${goal}`,
        `For ${device}, ${person} in ${place} uses ${resistors} and a supply of ${voltage} volts. ${goal}`,
      ]);
      const steps = [
        `Ohm's law says that the current is the voltage divided by the resistance. For resistors in series the same current flows through all of them, and their resistances add up.`,
        r2
          ? `Total resistance: ${r1} + ${r2} = ${resistance} ohms.`
          : `There is only one resistor, so the whole resistance of the circuit is ${r1} ohms and nothing has to be added.`,
        `Current: ${voltage} / ${resistance} = ${current}. So a current of ${current} amperes flows.`,
      ];
      if (difficulty === 'hard')
        steps.push(
          `The power is voltage times current: ${voltage} * ${current} = ${power} watts, and in resistors all of it becomes heat.`,
        );
      steps.push(
        `Check by going back: ${current} * ${resistance} = ${voltage}, the voltage of the source. A larger resistance would have let less current through, as it should be.`,
        `The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...(r2 ? addition(r1, r2) : []),
          ...division(voltage, resistance),
          ...(difficulty === 'hard' ? multiplication(voltage, current) : []),
          `answer ${answer}`,
        ],
        keywords: ['physics', 'voltage', 'resistance'],
      };
    },
  };
};

export const physics = topicOf('physics', 'science', 'physics', [
  motion,
  circuit,
  circuit,
  explain('physics'),
]);
