/** Checks the options that programs give `evaluate` and `solve`, where no command line has checked them. */
import { DialecticError } from '../errors.js';

const RANGES = {
  problems: [1, 1_000_000],
  budget: [1, 1e9],
  samples: [1, 0xffff],
  seed: [0, 0xffff_ffff],
  maxTokens: [1, 131_072],
  threads: [1, 256],
} as const;

/** Errors: CONFIG for a number out of its range; a name without one is a temperature, or not looked at. */
export function checkNumbers(values: Readonly<Record<string, number>>): void {
  const refuse = (name: string, expected: string): never => {
    throw new DialecticError('CONFIG', `${name} is ${String(values[name])}; expected ${expected}.`);
  };
  for (const [name, [low, high]] of Object.entries(RANGES)) {
    const value = values[name];
    if (value === undefined) continue;
    if (!(Number.isInteger(value) && value >= low && value <= high))
      refuse(name, `an integer from ${low} to ${high}`);
  }
  const { temperature = 0 } = values;
  if (!(temperature >= 0 && Number.isFinite(temperature))) refuse('temperature', 'a number of at least 0');
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Options as if those that are undefined had been left out, so that spreading them over defaults keeps the defaults. */
export function withoutUndefined<T extends object>(options: T): Defined<T> {
  const defined = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Defined<T>;
}
