/**
 * Logic puzzles that need deduction over text: who is extreme in an ordering, and how a sequence goes on.
 *
 * Invariants: each puzzle has exactly one answer; names and attributes are wording, not lineage.
 */
import type { Random } from '../random.js';
import { knightsAndKnaves } from './knights.js';
import { NAMES } from './names.js';
import type { Family } from './problem.js';

const ATTRIBUTES = [
  { more: 'taller', less: 'shorter', most: 'tallest', least: 'shortest' },
  { more: 'older', less: 'younger', most: 'oldest', least: 'youngest' },
  { more: 'faster', less: 'slower', most: 'fastest', least: 'slowest' },
] as const;

/**
 * Clues compare neighbours of a hidden ranking, in random order and direction. The worked trace strikes out the
 * loser of each clue; the one left over is the extreme, and its own clue names the runner-up.
 */
const ordering: Family = {
  name: 'ordering',
  type: 'logic_puzzle',
  domain: 'deductive_reasoning',
  draw(random: Random) {
    const count = random.integer(4, 5);
    const wanted = random.pick(['most', 'least', 'second'] as const);
    // Clue k compares rank k (greater) with rank k + 1; `isMore` tells which of the two is named first.
    const clues = random
      .shuffle(Array.from({ length: count - 1 }, (_, rank) => rank))
      .map((rank) => ({ rank, isMore: random.integer(0, 1) === 0 }));
    return {
      parameters: `${wanted},${clues.map((clue) => `${clue.rank}${clue.isMore ? '>' : '<'}`).join('')}`,
      render() {
        const word = random.pick(ATTRIBUTES);
        const names = random.shuffle(NAMES).slice(0, count) as [string, string, ...string[]];
        const sentences = clues.map(({ rank, isMore }) =>
          isMore
            ? `${names[rank]} is ${word.more} than ${names[rank + 1]}.`
            : `${names[rank + 1]} is ${word.less} than ${names[rank]}.`,
        );
        const struck = clues.map(({ rank }) => `not ${names[wanted === 'least' ? rank : rank + 1]}`);
        const extreme = wanted === 'least' ? (names.at(-1) as string) : names[0];
        const steps = [...struck, `so ${extreme}`];
        if (wanted === 'second') steps.push(`${extreme} is next to ${names[1]}`);
        const superlative = wanted === 'least' ? word.least : word.most;
        const target = wanted === 'second' ? `second ${superlative}` : superlative;
        return {
          question: `${sentences.join(' ')} ${random.pick([`Who is the ${target}?`, `Name the ${target} person.`])}`,
          answer: wanted === 'second' ? names[1] : extreme,
          difficulty: wanted === 'second' ? 'hard' : 'medium',
          steps,
        };
      },
    };
  },
};

const sequence: Family = {
  name: 'sequence',
  type: 'logic_puzzle',
  domain: 'pattern_recognition',
  draw(random: Random) {
    const kind = random.pick(['constant', 'growing', 'alternating'] as const);
    const start = random.integer(1, 40);
    const first = random.integer(2, 9);
    const growth = random.integer(1, 4);
    const other = random.integer(1, 8);
    const second = other < first ? other : other + 1;
    const difference = (k: number): number => {
      if (kind === 'constant') return first;
      if (kind === 'growing') return first + growth * k;
      return k % 2 === 0 ? first : second;
    };
    const detail = { constant: '', growing: growth, alternating: second }[kind];
    return {
      parameters: `${kind},${start},${first},${detail}`,
      render() {
        const shown = kind === 'alternating' ? 5 : 4;
        const terms = [start];
        for (let k = 0; k < shown; k++) terms.push((terms[k] as number) + difference(k));
        const steps = terms.slice(1, shown).map((term, k) => `${term} - ${terms[k]} = ${difference(k)}`);
        steps.push(`${terms[shown - 1]} + ${difference(shown - 1)} = ${terms[shown]}`);
        const list = terms.slice(0, shown).join(', ');
        return {
          question: random.pick([
            `What number comes next: ${list}?`,
            `Find the next number: ${list}.`,
            `Continue the pattern ${list}.`,
          ]),
          answer: String(terms[shown]),
          difficulty: kind === 'constant' ? 'easy' : kind === 'growing' ? 'medium' : 'hard',
          steps,
        };
      },
    };
  },
};

export const logicFamilies: readonly Family[] = [knightsAndKnaves, ordering, sequence];
