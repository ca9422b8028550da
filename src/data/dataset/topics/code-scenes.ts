/** Programs in the dataset's questions: the names of their variables and what they are said to be for. */
import type { Random } from '../../../random.js';
import { PEOPLE, PLACES } from '../scenes.js';
import { closing } from '../writing.js';

const TOTALS = ['total', 'score', 'stock', 'points', 'balance', 'tally', 'level', 'credit'] as const;
const ITEMS = ['x', 'item', 'n', 'value', 'num', 'v', 'reading', 'part'] as const;
const LISTS = ['data', 'readings', 'numbers', 'values', 'sizes', 'marks', 'items', 'counts'] as const;
const PURPOSES = [
  'a rain gauge',
  'a vending machine',
  'a library scanner',
  'a parking meter',
  'a running app',
  'a thermostat',
  'a chess club',
  'a bakery till',
  'a bus counter',
  'a plant sensor',
  'a quiz show',
  'a lift controller',
  'a fishing log',
  'a solar panel',
] as const;

export interface Names {
  readonly total: string;
  readonly item: string;
  readonly list: string;
}

export function namesOf(scene: Random): Names {
  return { total: scene.pick(TOTALS), item: scene.pick(ITEMS), list: scene.pick(LISTS) };
}

/** The question around a program. */
export function askAbout(scene: Random, wording: Random, program: readonly string[], goal: string): string {
  const person = scene.pick(PEOPLE);
  const place = scene.pick(PLACES);
  const purpose = scene.pick(PURPOSES);
  const opening = wording.pick([
    `${person} wrote this Python program for ${purpose} in ${place}.`,
    `The following Python code runs in ${purpose} in ${place}; ${person} maintains it.`,
    `For ${purpose}, ${person} from ${place} tests a few lines of Python.`,
    `Here is a piece of Python that ${person} found in the software of ${purpose} in ${place}.`,
  ]);
  return `${opening} ${goal}${closing(wording)}\n\`\`\`python\n${program.join('\n')}\n\`\`\``;
}

/** A list as Python prints it. */
export function pythonList(items: readonly (number | string)[]): string {
  return `[${items.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(', ')}]`;
}
