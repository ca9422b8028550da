/**
 * Knights and knaves with three speakers: knights only say true things, knaves only false ones.
 *
 * Invariants: exactly one of the eight worlds fits the statements, at least one person in it is a knight, and the
 * steps reach it by direct deduction, never by trying a case.
 */
import type { Random } from '../random.js';
import { NAMES } from './names.js';
import type { Candidate, Family } from './problem.js';

const PEOPLE = [0, 1, 2] as const;
const KINDS = [
  'knight',
  'knave',
  'bothKnaves',
  'notBothKnights',
  'alike',
  'different',
  'othersAlike',
  'othersDifferent',
] as const;

/** What `speaker` says about `about`; the last two kinds compare `about` with the third person. */
interface Statement {
  readonly speaker: number;
  readonly about: number;
  readonly kind: (typeof KINDS)[number];
}

/** The person who is neither of two: the numbers add up to 0 + 1 + 2. */
function third({ speaker, about }: Statement): number {
  return 3 - speaker - about;
}

/** Whether what is said is true in a world (`world[i]`: person i is a knight). */
function isTrue(statement: Statement, world: readonly boolean[]): boolean {
  const me = world[statement.speaker] as boolean;
  const other = world[statement.about] as boolean;
  switch (statement.kind) {
    case 'knight':
      return other;
    case 'knave':
      return !other;
    case 'bothKnaves':
      return !me && !other;
    case 'notBothKnights':
      return !(me && other);
    case 'alike':
      return me === other;
    case 'different':
      return me !== other;
    case 'othersAlike':
      return other === world[third(statement)];
    case 'othersDifferent':
      return other !== world[third(statement)];
  }
}

/** The worlds in which exactly the knights speak the truth. */
function fittingWorlds(statements: readonly Statement[]): boolean[][] {
  const worlds: boolean[][] = [];
  for (let bits = 0; bits < 8; bits++) {
    const world = PEOPLE.map((person) => ((bits >> person) & 1) === 1);
    if (statements.every((statement) => isTrue(statement, world) === world[statement.speaker])) {
      worlds.push(world);
    }
  }
  return worlds;
}

interface Deduction {
  readonly statement: Statement;
  readonly found: readonly number[];
}

/** What a statement tells on its own: whose kinds follow from it in every world. */
function decidedAlone({ speaker, about, kind }: Statement): number[] {
  if (kind === 'bothKnaves' || kind === 'notBothKnights') return [speaker, about];
  if (kind === 'alike' || kind === 'different') return [about];
  return [];
}

/** Whose kinds a statement ties together, so that all but one of them give the last; none where it decides alone. */
function tied(statement: Statement): number[] {
  const { speaker, about, kind } = statement;
  if (kind === 'knight' || kind === 'knave') return [speaker, about];
  if (kind === 'othersAlike' || kind === 'othersDifferent') return [speaker, about, third(statement)];
  return [];
}

/** Direct deductions that settle all three people, or null where a case would have to be tried. */
function deduce(statements: readonly Statement[]): Deduction[] | null {
  const known = new Set<number>();
  const deductions: Deduction[] = [];
  for (const statement of statements) {
    const found = decidedAlone(statement).filter((person) => !known.has(person));
    if (found.length === 0) continue;
    deductions.push({ statement, found });
    for (const person of found) known.add(person);
  }
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    for (const statement of statements) {
      const open = tied(statement).filter((person) => !known.has(person));
      if (open.length !== 1) continue;
      deductions.push({ statement, found: open });
      known.add(open[0] as number);
      isMoving = true;
    }
  }
  return known.size === PEOPLE.length ? deductions : null;
}

/** The same puzzle whoever is called what and whoever speaks first: the smallest of its six relabellings. */
function canonical(statements: readonly Statement[]): string {
  let smallest = '';
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    const text = statements
      .map((statement) => {
        const compares = statement.kind.startsWith('others');
        const about = compares ? '' : order[statement.about];
        return `${order[statement.speaker]}${statement.kind}${about}`;
      })
      .sort()
      .join(' ');
    if (smallest === '' || text < smallest) smallest = text;
  }
  return smallest;
}

/** A statement in words. */
function claim(statement: Statement, names: readonly string[]): string {
  const start = `${names[statement.speaker]} says ${names[statement.about]}`;
  switch (statement.kind) {
    case 'knight':
    case 'knave':
      return `${start} is a ${statement.kind}`;
    case 'bothKnaves':
      return `${start} and I are both knaves`;
    case 'notBothKnights':
      return `${start} and I are not both knights`;
    case 'alike':
    case 'different':
      return `${start} and I are ${statement.kind}`;
    case 'othersAlike':
      return `${start} and ${names[third(statement)]} are alike`;
    case 'othersDifferent':
      return `${start} and ${names[third(statement)]} are different`;
  }
}

/** Three statements with one fitting world that direct deduction finds; drawn until they are. */
function drawStatements(random: Random): {
  statements: Statement[];
  world: boolean[];
  deductions: Deduction[];
} {
  for (;;) {
    const statements = PEOPLE.map((speaker) => ({
      speaker,
      about: (speaker + random.integer(1, 2)) % 3,
      kind: random.pick(KINDS),
    }));
    const worlds = fittingWorlds(statements);
    const world = worlds[0];
    if (worlds.length !== 1 || !world?.includes(true)) continue;
    const deductions = deduce(statements);
    if (deductions) return { statements, world, deductions };
  }
}

export const knightsAndKnaves: Family = {
  name: 'knights_and_knaves',
  type: 'logic_puzzle',
  domain: 'constraint_satisfaction',
  draw(random: Random): Candidate {
    const { statements, world, deductions } = drawStatements(random);
    return {
      parameters: canonical(statements),
      render() {
        const names = random.shuffle(NAMES).slice(0, PEOPLE.length) as [string, string, string];
        const kindOf = (person: number): string =>
          `${names[person]} is a ${world[person] ? 'knight' : 'knave'}`;
        const steps = deductions.map(({ statement, found }) => {
          const verdict = isTrue(statement, world) ? 'true' : 'false';
          const reason = tied(statement).length > 0 ? `, ${verdict}` : '';
          return `${claim(statement, names)}${reason}, so ${found.map(kindOf).join(' and ')}`;
        });
        const spoken = statements.map((statement) => `${claim(statement, names)}.`);
        const request = random.pick(['Who is a knight?', 'Name the knights.']);
        return {
          question: `Knights tell the truth, knaves lie. ${spoken.join(' ')} ${request}`,
          answer: names.filter((_, person) => world[person]).join(', '),
          difficulty: steps.length < 3 ? 'medium' : 'hard',
          steps,
        };
      },
    };
  },
};
