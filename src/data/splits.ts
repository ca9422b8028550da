/**
 * Problems on demand, in three sets that share no problem: each is a pure function of (seed, split, index).
 *
 * Invariants:
 * - a lineage (family and canonical parameters, no wording) belongs to one split for ever, whatever the seed:
 *   bucket = hash(lineage) mod 10; 0 is evaluation, 1-4 train, 5-9 pretrain;
 * - each run of as many indices as there are families holds every family once, in an order of its own, so that any
 *   prefix is balanced and taking every second index does not lose half of the families.
 */
import { DialecticError } from '../protocol/errors.js';
import { hashText, Random } from '../random.js';
import { codeFamilies } from './code.js';
import { logicFamilies } from './logic.js';
import { mathFamilies } from './math.js';
import {
  type Candidate,
  type Family,
  goldTraces,
  type Problem,
  type ProblemType,
  type Split,
} from './problem.js';

/** Every family, in the order mathematics, code, logic. */
export const FAMILIES: readonly Family[] = [...mathFamilies, ...codeFamilies, ...logicFamilies];

/** Names that `generateProblem` accepts. */
export const FAMILY_NAMES: readonly string[] = FAMILIES.map((family) => family.name);

/** Names of the families of some types of problem, in the order of `FAMILY_NAMES`. */
export function familyNamesOf(types: readonly ProblemType[]): string[] {
  return FAMILIES.filter((family) => types.includes(family.type)).map((family) => family.name);
}

/** A split holds at least a tenth of the lineages, so that this many misses in a row mean a broken family. */
const MAX_CANDIDATES = 2000;

/** The one split that a lineage belongs to. */
export function splitOf(lineage: string): Split {
  const bucket = hashText(lineage) % 10;
  if (bucket === 0) return 'evaluation';
  return bucket <= 4 ? 'train' : 'pretrain';
}

function familyNamed(name: string): Family {
  const family = FAMILIES.find((candidate) => candidate.name === name);
  if (family) return family;
  throw new DialecticError(
    'CONFIG',
    `There is no problem family "${name}". Choose from: ${FAMILY_NAMES.join(', ')}.`,
  );
}

/**
 * Problem number `index` (from 0) of a split; `families` (names, default all) restricts what is drawn.
 * Draws candidates from one keyed stream until one's lineage falls in the split.
 */
export function generateProblem(
  seed: number,
  split: Split,
  index: number,
  families: readonly string[] = FAMILY_NAMES,
): Problem {
  if (families.length === 0) {
    throw new DialecticError('CONFIG', 'The list of problem families is empty: name one or leave it out.');
  }
  const round = Math.floor(index / families.length);
  const order = new Random(seed, split, round, 'families').shuffle(families);
  const family = familyNamed(order[index % families.length]!);
  const random = new Random(seed, split, index, family.name);
  for (let tries = 0; tries < MAX_CANDIDATES; tries++) {
    const candidate: Candidate = family.draw(random);
    const lineage = `${family.name}:${candidate.parameters}`;
    if (splitOf(lineage) !== split) continue;
    const { question, answer, difficulty, steps } = candidate.render();
    return {
      id: `${family.name}-${split}-${seed}-${index}`,
      family: family.name,
      type: family.type,
      domain: family.domain,
      difficulty,
      question,
      answer,
      lineage,
      traces: goldTraces(answer, steps),
    };
  }
  throw new DialecticError('INTERNAL', `Family "${family.name}" drew no problem of split "${split}".`);
}
