/** A second solver for every form of verifiable problem of the dataset: it reads the question and works the answer out by other means. */
import { growthOf, runPython } from './mini-python.js';
import {
  checkPlan,
  solveBoat,
  solveBridge,
  solveImplications,
  solveKnights,
  solveRanking,
  solveRow,
  solveSequence,
} from './puzzle-solvers.js';

/** What the solver found, or, for problems with several right answers, 'ok' when the answer given passes. */
export type Solver = (question: string, answer: string) => string;

/** Numbers in the order of the question; digits inside a formula such as CO2 do not count. */
const numbers = (text: string): number[] => (text.match(/(?<![A-Za-z\d.])\d+(\.\d+)?/g) ?? []).map(Number);
const rounded = (value: number): string => String(Math.round(value * 1e6) / 1e6);
const n =
  (solve: (...values: number[]) => number, unit = ''): Solver =>
  (question) =>
    rounded(solve(...numbers(question))) + unit;

/** Numerator and denominator of a fraction in lowest terms, else an empty text. */
function fractionEquals(answer: string, value: number): string {
  const [p, q = 1] = answer.split('/').map(Number) as [number, number?];
  for (let k = 2; k <= q; k++) if (p % k === 0 && q % k === 0) return `${answer} is not in lowest terms`;
  if (answer.includes('/') && q === 1) return `${answer} is a whole number`;
  return Math.abs(p / q - value) < 1e-12 ? answer : String(value);
}

/** Value of one side of an equation, e.g. `3x^2 - 4x + 1`, at a point. */
function sideAt(side: string, x: number): number {
  return side
    .trim()
    .split(/ (?=[+-] )/)
    .map((term) => {
      const [, sign, factor, letter, square] = /^([+-] |-)?(\d*)([a-z]?)(\^2)?$/.exec(
        term,
      ) as unknown as string[];
      const value = (factor === '' ? 1 : Number(factor)) * (letter ? (square ? x * x : x) : 1);
      return sign?.startsWith('-') ? -value : value;
    })
    .reduce((a, b) => a + b);
}

const EQUATION = /(\d*[a-z](?:\^2)?(?: [+-] \d*[a-z]?)*) = (-?\d+[a-z]?(?: [+-] \d+)?)/;

/** All whole solutions between -500 and 500, by trying each. */
function solutions(question: string): number[] {
  const [, left, right] = EQUATION.exec(question) as unknown as [string, string, string];
  return Array.from({ length: 1001 }, (_, i) => i - 500).filter((x) => sideAt(left, x) === sideAt(right, x));
}

const program = (question: string): string => /```python\n([\s\S]*?)\n```/.exec(question)![1]!;
const run: Solver = (question) => runPython(program(question));

/** What a faulty program was meant to print, from the text around it. */
const debug: Solver = (question) => {
  const text = question.slice(0, question.indexOf('```'));
  const elements = numbers(/= \[(.*?)\]/.exec(question)?.[1] ?? '');
  let right: number;
  const range = /from (\d+) (?:to|up to and including) (\d+)/.exec(text);
  if (range) {
    const all = Array.from(
      { length: Number(range[2]) - Number(range[1]) + 1 },
      (_, k) => Number(range[1]) + k,
    );
    right = /product/.test(text)
      ? all.reduce((a, b) => a * b)
      : all.reduce((a, b) => a + (/squares/.test(text) ? b * b : b), 0);
  } else if (/largest/.test(text)) right = Math.max(...elements);
  else if (/smallest/.test(text)) right = Math.min(...elements);
  else {
    const bound = Number(/at least (\d+)/.exec(text)![1]);
    right = elements.filter((x) => x >= bound).length;
  }
  return `${run(question, '')}, ${right}`;
};

const SYMBOLS: Record<string, string> = {
  hydrogen: 'H',
  oxygen: 'O',
  carbon: 'C',
  nitrogen: 'N',
  calcium: 'Ca',
  sodium: 'Na',
  sulfur: 'S',
  magnesium: 'Mg',
};

/** Grams per mole from the formula and the masses listed in the question. */
function molarMass(question: string): number {
  const formula = /(?:\(|formula )((?:[A-Z][a-z]?\d*)+)[),]/.exec(question)![1]!;
  const masses = Object.fromEntries(
    [...question.matchAll(/(\w+) (\d+)(?=[,.])/g)].flatMap((m) =>
      SYMBOLS[m[1]!] ? [[SYMBOLS[m[1]!], Number(m[2])]] : [],
    ),
  );
  return [...formula.matchAll(/([A-Z][a-z]?)(\d*)/g)].reduce(
    (sum, m) => sum + masses[m[1]!] * Number(m[2] || 1),
    0,
  );
}

/** Mendel by listing every pair of gametes. */
const cross: Solver = (question, answer) => {
  const [, a, b] = /(?:crosses|parents are|type) ([A-Za-z]{2,4}) (?:with|and) ([A-Za-z]{2,4})\b/.exec(
    question,
  ) as unknown as [string, string, string];
  const gametes = (parent: string): string[] =>
    parent.length === 2
      ? [...parent]
      : [...parent.slice(0, 2)].flatMap((x) => [...parent.slice(2)].map((y) => x + y));
  const wanted = /have ([^?]+)\?/.exec(question)![1]!;
  const recessive = [...question.matchAll(/dominant over ([a-z ]+) \(/g)].map((m) => m[1]!);
  let [hits, all] = [0, 0];
  for (const x of gametes(a)) {
    for (const y of gametes(b)) {
      all++;
      const shows = [...x].map((gene, k) => {
        const isRecessive = gene === gene.toLowerCase() && y[k] === y[k]!.toLowerCase();
        return isRecessive === wanted.includes(recessive[k]!);
      });
      if (shows.every(Boolean)) hits++;
    }
  }
  const [offspring] = numbers(question);
  return offspring === undefined ? fractionEquals(answer, hits / all) : rounded((offspring * hits) / all);
};

const label =
  (name: string): Solver =>
  (question) => {
    const found = new RegExp(`${name}: ([^.]+)\\.`).exec(question);
    return found ? found[1]! : 'not found';
  };

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Whole age of the younger one, by trying each. */
const ages: Solver = (question) => {
  const found = numbers(question);
  const hasThird = /years older/.test(question);
  const [times, third, total] = hasThird ? [found[0]!, found[1]!, found[2]!] : [found[0]!, 0, found[1]!];
  const later = found[hasThird ? 3 : 2] ?? 0;
  for (let young = 1; young < 200; young++) {
    if (young * times + young + (hasThird ? young + third : 0) === total)
      return String(young * times + later);
  }
  return 'no age fits';
};

const work: Solver = (question) => {
  const found = numbers(question);
  const [p, q] = found as [number, number];
  const [alone, total] = found.length === 4 ? [found[2]!, found[3]!] : [0, found[2]!];
  let done = p * alone;
  let hours = 0;
  for (; done < total; hours++) done += p + q;
  return done === total ? String(hours) : 'does not come out even';
};

const culture: Solver = (question) => {
  const [start, minutes, time, taken = 0] = numbers(question) as [number, number, number, number?];
  let count = start;
  for (let t = minutes; t <= time; t += minutes) count += count;
  return String(count - taken);
};

/** By topic and form. */
export const SOLVERS: Readonly<Record<string, Solver>> = {
  'percentages/share': n((whole, rate) => (whole! * rate!) / 100),
  'percentages/change': (question) => {
    const [price, ...rates] = numbers(question);
    const sign = /rises/.test(question) ? 1 : -1;
    return rounded(
      rates.reduce((value, rate, k) => value * (1 + ((k === 0 ? sign : -1) * rate) / 100), price!),
    );
  },
  'percentages/before': n((rate, paid) => paid! / (1 - rate! / 100)),
  'fractions/sum': (question, answer) => {
    const [a, b, c, d] = numbers(question) as [number, number, number, number];
    return fractionEquals(answer, a / b + c / d);
  },
  'fractions/difference': (question, answer) => {
    const [a, b, c, d] = numbers(question) as [number, number, number, number];
    return fractionEquals(answer, a / b - c / d);
  },
  'fractions/part': n((whole, p, q) => (whole! / q!) * p!),
  'fractions/rest': n((whole, p, q) => (whole! / q!) * (q! - p!)),
  'fractions/division': (question, answer) => {
    const [amount, p, q] = numbers(question) as [number, number, number];
    return fractionEquals(answer, amount / (p / q));
  },
  'decimals/bill': n((...prices) => prices.reduce((a, b) => a + b)),
  'decimals/change': n((...values) => values.at(-1)! - values.slice(0, -1).reduce((a, b) => a + b)),
  'decimals/product': n((a, b) => a! * b!),
  'decimals/unit_price': n((count, total, wanted) => (total! / count!) * wanted!),
  'linear_equations/one_side': (question) => solutions(question).join(' or '),
  'linear_equations/both_sides': (question) => solutions(question).join(' or '),
  'quadratic_equations/roots': (question) => solutions(question).join(', '),
  'quadratic_equations/larger_root': (question) => String(Math.max(...solutions(question))),
  'area/rectangle_area': n((a, b) => a! * b!),
  'area/cut_out_area': n((a, b, c, d) => a! * b! - c! * d!),
  'area/triangle_area': n((base, height) => (base! / 2) * height!),
  'area/trapezoid_area': n((a, b, height) => ((a! + b!) / 2) * height!),
  'perimeter/perimeter': n((a, b) => a! + b! + a! + b!),
  'perimeter/fence': n((a, b, gap, rounds = 1) => (a! + b! + a! + b! - gap!) * rounds),
  'perimeter/missing_side': n((around, side) => around! / 2 - side!),
  'perimeter/area_from_perimeter': n((around, side) => (around! / 2 - side!) * side!),
  'volume/box': n((a, b, c) => a! * b! * c!),
  'volume/filled_box': n((a, b, _height, level) => a! * b! * level!),
  'volume/cubes': n((edge, a, b, c) => (a! * b! * c!) / edge! ** 3),
  'word_problems/travel': n((distance, hours, wanted) => (distance! / hours!) * wanted!, ' km'),
  'word_problems/slower_travel': n(
    (distance, hours, slower, wanted) => (distance! / hours! - slower!) * wanted!,
    ' km',
  ),
  'word_problems/ages': ages,
  'word_problems/three_ages': ages,
  'word_problems/work': work,
  'word_problems/late_work': work,
  'word_problems/stock': n((boxes, each, broken) => boxes! * each! - broken!),
  'word_problems/revenue': n((boxes, each, broken, price) => (boxes! * each! - broken!) * price!),
  'word_problems/profit': n(
    (boxes, each, broken, price, cost) => (boxes! * each! - broken!) * price! - cost!,
  ),
  'code_trace/accumulate': run,
  'code_trace/while_value': run,
  'code_trace/while_count': run,
  'complexity/count_runs': run,
  'complexity/growth': (question) => growthOf(program(question)),
  'debugging/off_by_one': debug,
  'debugging/wrong_start': debug,
  'debugging/wrong_comparison': debug,
  'output_prediction/comprehension': run,
  'output_prediction/slice': run,
  'output_prediction/slice_sum': run,
  'output_prediction/function': run,
  'output_prediction/recursion': run,
  'river_crossing/plan': (question, answer) =>
    checkPlan(question, answer) === 'ok' ? answer : checkPlan(question, answer),
  'river_crossing/bridge': solveBridge,
  'river_crossing/children_and_adults': solveBoat,
  'knights_and_knaves/knights': solveKnights,
  'constraint_satisfaction/whole_row': solveRow,
  'constraint_satisfaction/who_is_where': solveRow,
  'deduction/implications': solveImplications,
  'deduction/ranking': solveRanking,
  ...Object.fromEntries(
    ['constant', 'factor', 'growing', 'alternating', 'sum', 'affine', 'interleaved'].map((rule) => [
      `patterns/${rule}`,
      solveSequence,
    ]),
  ),
  'physics/acceleration': n((force, mass) => force! / mass!, ' m/s^2'),
  'physics/speed': n((force, mass, time) => (force! / mass!) * time!, ' m/s'),
  'physics/kinetic_energy': n((force, mass, time) => (force! * time!) ** 2 / (2 * mass!), ' J'),
  'physics/current': n((...values) => values.at(-1)! / values.slice(0, -1).reduce((a, b) => a + b), ' A'),
  'physics/power': n((...values) => values.at(-1)! ** 2 / values.slice(0, -1).reduce((a, b) => a + b), ' W'),
  'chemistry/mass': (question) => `${rounded(numbers(question)[0]! * molarMass(question))} g`,
  'chemistry/amount': (question) => `${rounded(numbers(question)[0]! / molarMass(question))} mol`,
  'chemistry/dilution': n((strong, volume, final) => (strong! * volume!) / final!, ' g/L'),
  'chemistry/water_to_add': n((strong, volume, weak) => (strong! * volume!) / weak! - volume!, ' mL'),
  'biology/culture': culture,
  'biology/culture_with_loss': culture,
  'biology/one_gene': cross,
  'biology/two_genes': cross,
  'scientific_method/independent_variable': label('Changed on purpose'),
  'scientific_method/dependent_variable': label('Recorded'),
  'scientific_method/controlled_variable': label('Kept the same'),
  'scientific_method/mean': (question) => rounded(mean(numbers(question))),
  'scientific_method/difference_of_means': (question) => {
    const [treated, control] = question.split('The control group gives') as [string, string];
    return rounded(mean(numbers(treated)) - mean(numbers(control)));
  },
};
