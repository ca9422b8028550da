/** Geometry: areas, perimeters and volumes of plain shapes and of shapes put together from them. */
import { addition, division, multiplication, subtraction } from '../columns.js';
import { half as halfOf } from '../compact.js';
import { type DrawForm, topicOf } from '../example.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { byLevel, closing, decimal } from '../writing.js';

const FLAT = [
  ['vegetable garden', 'metres'],
  ['school yard', 'metres'],
  ['tabletop', 'decimetres'],
  ['stage', 'metres'],
  ['carpet', 'decimetres'],
  ['rice field', 'metres'],
  ['car park', 'metres'],
  ['mural', 'decimetres'],
  ['playground', 'metres'],
  ['terrace', 'decimetres'],
  ['flag', 'centimetres'],
  ['poster', 'centimetres'],
] as const;

const rectangleArea: DrawForm = (random, difficulty) => {
  const width = random.integer(2, byLevel(difficulty, 12, 30, 60));
  const length = width + random.integer(1, byLevel(difficulty, 12, 30, 60));
  // Hard: a smaller rectangle is cut out of it.
  const [w, l] =
    difficulty === 'easy' ? [0, 0] : [random.integer(1, width - 1), random.integer(1, length - 1)];
  const [outer, inner] = [length * width, l * w];
  const answer = String(outer - inner);
  return {
    form: w ? 'cut_out_area' : 'rectangle_area',
    parameters: `${length},${width},${l},${w}`,
    write(scene, wording) {
      const [shape, unit] = scene.pick(FLAT);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const hole = w ? ` A rectangle of ${l} by ${w} ${unit} is cut out of it.` : '';
      const asked = wording.pick([
        `${person} measures a rectangular ${shape} in ${place}: ${length} ${unit} long and ${width} ${unit} wide.${hole} What area is left, in square ${unit}?`,
        `A rectangular ${shape} in ${place} that belongs to ${person} has sides of ${length} and ${width} ${unit}.${hole} Find the remaining area in square ${unit}.`,
        `In ${place} there is a rectangular ${shape}, ${length} by ${width} ${unit}, designed by ${person}.${hole} How many square ${unit} does it cover now?`,
      ]);
      const steps = [
        `The ${shape} is a rectangle with sides of ${length} and ${width} ${unit}. The area of a rectangle is its length times its width, since it can be covered by rows of unit squares.`,
        `There are ${width} rows with ${length} squares each, so the whole rectangle covers ${length} * ${width} = ${outer} square ${unit}.`,
      ];
      if (w) {
        steps.push(
          `The part that is cut out is a rectangle too. Its area is ${l} * ${w} = ${inner} square ${unit}, by the same rule as before.`,
          `What is left is the difference of the two areas: ${outer} - ${inner} = ${answer}. The cut lies inside the shape, so the difference is exactly what remains.`,
          `Check by adding back: ${answer} + ${inner} = ${outer}, the area of the whole rectangle.`,
        );
      } else {
        steps.push(
          `Nothing is cut away, so all of it remains. Check by dividing: ${outer} / ${length} = ${width}, which is the width that was measured.`,
        );
      }
      steps.push(`The unit is square ${unit}, because two lengths were multiplied. The answer is ${answer}.`);
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...multiplication(length, width),
          ...(w ? [...multiplication(l, w), ...subtraction(outer, inner)] : []),
        ],
        keywords: ['area', 'rectangle', 'square units'],
      };
    },
  };
};

/** Compact steps to half of a product; an even factor is halved first, to keep numbers small. */
function halfProduct(a: number, b: number): string[] {
  if (a % 2 === 0) return [...halfOf(a), ...multiplication(a / 2, b)];
  if (b % 2 === 0) return [...halfOf(b), ...multiplication(a, b / 2)];
  return [...multiplication(a, b), ...halfOf(a * b)];
}

const triangleArea: DrawForm = (random, difficulty) => {
  const isTrapezoid = difficulty === 'hard';
  const base = random.integer(3, byLevel(difficulty, 20, 60, 60));
  const top = isTrapezoid ? random.integer(2, base + 10) : 0;
  const height = random.integer(2, byLevel(difficulty, 15, 40, 40));
  const sum = base + top;
  const product = sum * height;
  const answer = decimal(product * 5, 1);
  return {
    form: isTrapezoid ? 'trapezoid_area' : 'triangle_area',
    parameters: `${base},${top},${height}`,
    write(scene, wording) {
      const [shape, unit] = scene.pick(FLAT);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const name = isTrapezoid ? 'trapezoid' : 'triangle';
      const sides = isTrapezoid
        ? `parallel sides of ${base} and ${top} ${unit} and a height of ${height} ${unit}`
        : `a base of ${base} ${unit} and a height of ${height} ${unit}`;
      const asked = wording.pick([
        `A ${shape} in ${place} has the form of a ${name} with ${sides}. Which area does ${person} have to pay for, in square ${unit}?`,
        `${person} draws a plan of a ${shape} in ${place}, a ${name} with ${sides}. What is its area in square ${unit}?`,
        `Find the area of a ${name} with ${sides}. It is the outline of a ${shape} that ${person} saw in ${place}.`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          isTrapezoid
            ? `A trapezoid has two parallel sides. Two equal copies of it, one turned around, make a parallelogram whose base is the sum of these two sides, so the area is half of that sum times the height.`
            : `A triangle is half of a parallelogram with the same base and the same height, so its area is half of the product of base and height.`,
          isTrapezoid
            ? `Add the parallel sides: ${base} + ${top} = ${sum} ${unit}. This is the base of the doubled figure.`
            : `The base is ${base} ${unit} and the height, measured at a right angle to it, is ${height} ${unit}. No other side is needed.`,
          `Multiply by the height to get the area of the doubled figure: ${sum} * ${height} = ${product} square ${unit}.`,
          `The ${name} is one half of it: ${product} / 2 = ${answer}. Forgetting this half is the usual mistake.`,
          `Check: twice the result is ${answer} * 2 = ${product}, the area of the doubled figure. The answer is ${answer}.`,
        ],
        work: [...(isTrapezoid ? addition(base, top) : []), ...halfProduct(sum, height)],
        keywords: ['area', name, 'height'],
      };
    },
  };
};

export const area = topicOf('area', 'math', 'geometry', [rectangleArea, triangleArea]);

const fence: DrawForm = (random, difficulty) => {
  const length = random.integer(3, byLevel(difficulty, 30, 90, 90));
  const width = random.integer(2, byLevel(difficulty, 30, 90, 60));
  const half = length + width;
  const around = 2 * half;
  // Medium: a gate is left out; hard: several rounds of wire as well.
  const gate = difficulty === 'easy' ? 0 : random.integer(1, 4);
  const rounds = difficulty === 'hard' ? random.integer(2, 5) : 1;
  const once = around - gate;
  const answer = String(once * rounds);
  return {
    form: difficulty === 'easy' ? 'perimeter' : 'fence',
    parameters: `${Math.max(length, width)},${Math.min(length, width)},${gate},${rounds}`,
    write(scene, wording) {
      const [shape, unit] = scene.pick(FLAT);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const cord = scene.pick(['wire', 'rope', 'tape', 'lights', 'braid', 'hedge']);
      const gap = gate ? ` A gap of ${gate} ${unit} stays open.` : '';
      const turns = rounds > 1 ? ` The ${cord} goes around ${rounds} times, always with the gap.` : '';
      const asked = wording.pick([
        `${person} wants to put ${cord} around a rectangular ${shape} in ${place}, ${length} by ${width} ${unit}.${gap}${turns} How many ${unit} of ${cord} are needed?`,
        `A rectangular ${shape} of ${length} by ${width} ${unit} in ${place} gets a border of ${cord}.${gap}${turns} What length must ${person} buy, in ${unit}?`,
        `The border of a ${shape} in ${place}, a rectangle with sides ${length} and ${width} ${unit}, is to be lined with ${cord}.${gap}${turns} Which length does ${person} need in ${unit}?`,
      ]);
      const steps = [
        `The border of a rectangle consists of two long and two short sides, so its length is twice the sum of the two different sides. Area plays no role here.`,
        `One length and one width together: ${length} + ${width} = ${half} ${unit}. This is exactly half of the way around.`,
        `The whole way around is twice that: ${half} * 2 = ${around} ${unit}.`,
      ];
      if (gate) {
        steps.push(
          `The gap of ${gate} ${unit} needs no ${cord}, so one round takes ${around} - ${gate} = ${once} ${unit}.`,
        );
      }
      if (rounds > 1) {
        steps.push(
          `There are ${rounds} rounds, each with the same gap, so multiply: ${once} * ${rounds} = ${answer} ${unit}.`,
        );
      }
      steps.push(
        `Check the way around by walking along the sides one by one: ${length} + ${width} = ${half}, ${half} + ${length} = ${half + length}, ${half + length} + ${width} = ${around}. It is the same as before.`,
        `The answer is ${answer}.`,
      );
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...addition(length, width),
          ...multiplication(half, 2),
          ...(gate ? subtraction(around, gate) : []),
          ...(rounds > 1 ? multiplication(once, rounds) : []),
        ],
        keywords: ['perimeter', 'rectangle', 'length'],
      };
    },
  };
};

const missingSide: DrawForm = (random, difficulty) => {
  const length = random.integer(3, byLevel(difficulty, 20, 60, 99));
  const width = random.integer(2, byLevel(difficulty, 20, 60, 99));
  const around = 2 * (length + width);
  const asksArea = difficulty === 'hard';
  const answer = String(asksArea ? length * width : width);
  return {
    form: asksArea ? 'area_from_perimeter' : 'missing_side',
    parameters: `${around},${length}`,
    write(scene, wording) {
      const [shape, unit] = scene.pick(FLAT);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const goal = asksArea ? `What is its area in square ${unit}?` : 'How long is the other side?';
      const asked = wording.pick([
        `The way around a rectangular ${shape} in ${place} is ${around} ${unit}, and one side is ${length} ${unit}, as ${person} found. ${goal}`,
        `${person} walks once around a rectangular ${shape} in ${place} and measures ${around} ${unit}. One side takes ${length} ${unit}. ${goal}`,
        `A rectangular ${shape} near ${place} has a perimeter of ${around} ${unit} and a side of ${length} ${unit}. ${person} asks: ${goal}`,
      ]);
      const steps = [
        `The perimeter of a rectangle is twice the sum of two neighbouring sides. So half of the perimeter is the sum of the known side and the unknown one.`,
        `Halve the perimeter: ${around} / 2 = ${length + width}. This is the sum of both sides in ${unit}.`,
        `Take the known side away to find the other one: ${length + width} - ${length} = ${width} ${unit}.`,
        `Check by going around: ${length} + ${width} = ${length + width}, and ${length + width} * 2 = ${around}, which is the perimeter that was measured.`,
      ];
      if (asksArea) {
        steps.push(
          `With both sides known, the area is their product: ${length} * ${width} = ${answer} square ${unit}.`,
        );
      }
      steps.push(`That is all the question asks for. The answer is ${answer}.`);
      return {
        question: asked + closing(wording),
        answer,
        steps,
        work: [
          ...halfOf(around),
          ...subtraction(length + width, length),
          ...(asksArea ? multiplication(length, width) : []),
        ],
        keywords: ['perimeter', 'side', 'half'],
      };
    },
  };
};

export const perimeter = topicOf('perimeter', 'math', 'geometry', [fence, missingSide]);

const TANKS = [
  'an aquarium',
  'a shipping crate',
  'a water trough',
  'a toy chest',
  'a sandbox',
  'a lunch box',
  'a cistern',
  'a planter',
  'a tool case',
  'a pool',
] as const;

const box: DrawForm = (random, difficulty) => {
  const [a, b, c] = [0, 1, 2].map(() => random.integer(2, byLevel(difficulty, 9, 15, 25))) as [
    number,
    number,
    number,
  ];
  // Medium: small cubes fill it; hard: it is filled up to a part of its height.
  const level = difficulty === 'hard' ? random.integer(1, c) : c;
  const base = a * b;
  const answer = String(base * level);
  return {
    form: difficulty === 'hard' ? 'filled_box' : 'box',
    parameters: `${[a, b].sort((p, q) => p - q).join(',')},${c},${level}`,
    write(scene, wording) {
      const tank = scene.pick(TANKS);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const fill = difficulty === 'hard' ? ` It is filled to a height of ${level} decimetres.` : '';
      const goal =
        difficulty === 'hard' ? 'How many litres does it hold then?' : 'How many litres fit into it?';
      const asked = wording.pick([
        `${person} builds ${tank} in ${place} with a floor of ${a} by ${b} decimetres and a height of ${c} decimetres.${fill} ${goal} One cubic decimetre is a litre.`,
        `In ${place}, ${tank} has the form of a box: ${a} decimetres long, ${b} wide and ${c} high.${fill} ${goal} ${person} recalls that a cubic decimetre is a litre.`,
        `The inside of ${tank} that ${person} sells in ${place} measures ${a} by ${b} by ${c} decimetres, the last being the height.${fill} ${goal} A litre is a cubic decimetre.`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The inside is a box, so its volume is the area of the floor times the height. With lengths in decimetres the volume comes out in cubic decimetres, and each of them is one litre.`,
          `The floor covers ${a} * ${b} = ${base} square decimetres. One layer that is one decimetre high therefore holds ${base} litres.`,
          difficulty === 'hard'
            ? `The box is ${c} decimetres high, but only the lowest ${level} decimetres are filled, so ${level} layers count and the full height does not.`
            : `The height is ${c} decimetres, so there are ${c} such layers on top of each other.`,
          `Multiply the litres of one layer by the number of layers: ${base} * ${level} = ${answer}.`,
          `Check by dividing: ${answer} / ${level} = ${base}, the area of the floor, so the product is right. The answer is ${answer}.`,
        ],
        work: [
          ...multiplication(a, b),
          ...(level === 1 ? [`answer ${answer}`] : multiplication(base, level)),
        ],
        keywords: ['volume', 'box', 'layers'],
      };
    },
  };
};

const cubes: DrawForm = (random, difficulty) => {
  const edge = random.integer(2, byLevel(difficulty, 3, 5, 8));
  const [i, j, k] = [0, 1, 2].map(() => random.integer(2, byLevel(difficulty, 4, 7, 9))) as [
    number,
    number,
    number,
  ];
  const answer = String(i * j * k);
  const [a, b, c] = [i * edge, j * edge, k * edge];
  return {
    form: 'cubes',
    parameters: `${edge},${[i, j, k].sort((p, q) => p - q).join(',')}`,
    write(scene, wording) {
      const tank = scene.pick(TANKS);
      const person = scene.pick(PEOPLE);
      const place = scene.pick(PLACES);
      const thing = scene.pick([
        'wooden cubes',
        'sugar cubes',
        'dice',
        'foam blocks',
        'cheese cubes',
        'soap cubes',
        'clay cubes',
      ]);
      const asked = wording.pick([
        `${person} packs ${thing} with an edge of ${edge} centimetres into ${tank} in ${place} that measures ${a} by ${b} by ${c} centimetres inside. How many fit?`,
        `How many ${thing}, each with edges of ${edge} centimetres, fill ${tank} of ${a} by ${b} by ${c} centimetres exactly? ${person} in ${place} has to order them.`,
        `In ${place}, ${person} has ${thing} of ${edge} centimetres edge length and stacks them without gaps in ${tank}, ${a} by ${b} by ${c} centimetres. What is their number?`,
      ]);
      return {
        question: asked + closing(wording),
        answer,
        steps: [
          `The cubes fill the box without gaps, so count how many fit along each edge of the box and multiply the three counts. All lengths are in centimetres, so no conversion is needed.`,
          `Along the edges: ${a} / ${edge} = ${i}, ${b} / ${edge} = ${j} and ${c} / ${edge} = ${k}. Each division comes out even, so nothing is left over.`,
          `One layer on the floor has ${i} * ${j} = ${i * j} cubes.`,
          `There are ${k} layers, so in all there are ${i * j} * ${k} = ${answer} cubes.`,
          `Check with volumes: one cube has ${edge} * ${edge} = ${edge * edge}, ${edge * edge} * ${edge} = ${edge ** 3} cubic centimetres, the box has ${a} * ${b} = ${a * b}, ${a * b} * ${c} = ${a * b * c}, and ${a * b * c} / ${edge ** 3} = ${answer}.`,
          `The answer is ${answer}.`,
        ],
        work: [
          ...[a, b, c].flatMap((side) => division(side, edge)),
          ...multiplication(i, j),
          ...multiplication(i * j, k),
        ],
        keywords: ['volume', 'cube', 'layers'],
      };
    },
  };
};

export const volume = topicOf('volume', 'math', 'geometry', [box, cubes]);
