/** Second solvers of the dataset's puzzles: each reads the question's text alone and tries everything. */

export function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** The least cost from `start` to a goal, by relaxing until nothing changes. */
function leastCost<S>(
  start: S,
  isGoal: (state: S) => boolean,
  moves: (state: S) => readonly (readonly [S, number])[],
): number {
  const costs = new Map([[JSON.stringify(start), 0]]);
  const queue: S[] = [start];
  let best = Number.POSITIVE_INFINITY;
  while (queue.length > 0) {
    const state = queue.shift()!;
    const cost = costs.get(JSON.stringify(state))!;
    if (isGoal(state)) best = Math.min(best, cost);
    for (const [next, price] of moves(state)) {
      const key = JSON.stringify(next);
      if ((costs.get(key) ?? Number.POSITIVE_INFINITY) <= cost + price) continue;
      costs.set(key, cost + price);
      queue.push(next);
    }
  }
  return best;
}

/** All ways to choose up to `most` of some items. */
function choices<T>(items: readonly T[], most: number): T[][] {
  let result: T[][] = [[]];
  for (const item of items)
    result = result.concat(
      result.filter((chosen) => chosen.length < most).map((chosen) => [...chosen, item]),
    );
  return result;
}

/** Follows a ferry plan; returns 'ok', or what is wrong with it. */
export function checkPlan(question: string, answer: string): string {
  const conflicts = [...question.matchAll(/the (\w+) may not be left with the (\w+)/g)].map(
    (m) => [m[1]!, m[2]!] as const,
  );
  const list =
    /((?:[Tt]he \w+(?:, | and ))+the \w+) (?:across|must all)|with ((?:the \w+(?:, | and ))+the \w+)\. In/.exec(
      question,
    );
  const things = [...(list?.[1] ?? list?.[2] ?? '').matchAll(/[Tt]he (\w+)/g)].map((m) => m[1]!);
  const seats = /two things/.test(question) ? 2 : 1;
  const isSafe = (bank: readonly string[]): boolean =>
    !conflicts.some(([a, b]) => bank.includes(a) && bank.includes(b));
  type State = { readonly near: readonly string[]; readonly isNear: boolean };
  const move = ({ near, isNear }: State, cargo: readonly string[]): State | null => {
    const far = things.filter((thing) => !near.includes(thing));
    const from = isNear ? near : far;
    if (cargo.length > seats || !cargo.every((thing) => from.includes(thing))) return null;
    const left = from.filter((thing) => !cargo.includes(thing));
    if (!isSafe(left)) return null;
    const newNear = isNear ? left : things.filter((thing) => near.includes(thing) || cargo.includes(thing));
    return { near: newNear, isNear: !isNear };
  };
  const start: State = { near: things, isNear: true };
  const isDone = ({ near, isNear }: State): boolean => near.length === 0 && !isNear;
  let state: State = start;
  const trips = answer.split(', ');
  for (const trip of trips) {
    const cargo = / alone$/.test(trip) ? [] : trip.replace(/^(take|return with) /, '').split(' and ');
    if (trip.startsWith('return') === state.isNear) return `"${trip}" starts on the wrong bank`;
    const next = move(state, cargo);
    if (!next) return `"${trip}" is not allowed`;
    state = next;
  }
  if (!isDone(state)) return 'not everything is across';
  const least = leastCost(start, isDone, (from) =>
    choices(things, seats).flatMap((cargo) => {
      const next = move(from, cargo);
      return next ? [[next, 1] as const] : [];
    }),
  );
  return trips.length === least ? 'ok' : `${trips.length} trips, ${least} are enough`;
}

/** Bridge and lamp: the least total time. */
export function solveBridge(question: string): string {
  const times = numbers(question);
  const start = { near: times, isNear: true };
  const total = leastCost(
    start,
    ({ near }) => near.length === 0,
    ({ near, isNear }) => {
      const from = isNear ? near : times.filter((time) => !near.includes(time));
      return choices(from, 2)
        .filter((pair) => pair.length > 0)
        .map((pair) => {
          const after = isNear
            ? near.filter((time) => !pair.includes(time))
            : times.filter((time) => near.includes(time) || pair.includes(time));
          return [{ near: after, isNear: !isNear }, Math.max(...pair)] as const;
        });
    },
  );
  return String(total);
}

/** Two children and some adults: the least number of trips, or minutes with breaks between trips. */
export function solveBoat(question: string): string {
  const [adults, minutes = 1, pause = 0] = numbers(question) as [number, number?, number?];
  const trips = leastCost(
    { a: adults, c: 2, isNear: true },
    ({ a, c }) => a === 0 && c === 0,
    ({ a, c, isNear }) => {
      const [as, cs] = isNear ? [a, c] : [adults - a, 2 - c];
      const loads = [
        [1, 0],
        [0, 1],
        [0, 2],
      ].filter(([x, y]) => x! <= as && y! <= cs);
      return loads.map(
        ([x, y]) =>
          [{ a: isNear ? a - x! : a + x!, c: isNear ? c - y! : c + y!, isNear: !isNear }, 1] as const,
      );
    },
  );
  return String(trips * minutes + (trips - 1) * pause);
}

export function solveKnights(question: string): string {
  const said = [...question.matchAll(/(\w+) says: "([^"]+)\."/g)].map((m) => [m[1]!, m[2]!] as const);
  const people = said.map(([name]) => name);
  const counts: Record<string, number> = { one: 1, two: 2, three: 3, four: 4 };
  const found: string[] = [];
  for (let bits = 0; bits < 2 ** people.length; bits++) {
    const is = (name: string): boolean => ((bits >> people.indexOf(name)) & 1) === 1;
    const isTrue = (speaker: string, claim: string): boolean => {
      let m = /^(\w+) is a (knight|knave)$/.exec(claim);
      if (m && !claim.includes(' or ')) return is(m[1]!) === (m[2] === 'knight');
      m = /^(\w+) and I are of (the same|different)/.exec(claim);
      if (m) return (is(m[1]!) === is(speaker)) === (m[2] === 'the same');
      m = /^(\w+) and (\w+) are both knights$/.exec(claim);
      if (m) return is(m[1]!) && is(m[2]!);
      m = /^(\w+) or (\w+) is a knight$/.exec(claim);
      if (m) return is(m[1]!) || is(m[2]!);
      m = /^exactly (\w+) of us/.exec(claim);
      if (m) return people.filter(is).length === counts[m[1]!];
      throw new Error(`cannot read "${claim}"`);
    };
    if (said.every(([name, claim]) => isTrue(name, claim) === is(name)))
      found.push(people.filter(is).join(', '));
  }
  return found.join(' or ');
}

const PLACES = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

export function solveRow(question: string): string {
  const clues = question.split(/(?<=\.) /).map((sentence) => sentence.replace(/^.*: /, ''));
  const names = [
    ...new Set(
      clues
        .filter((clue) => !clue.includes('?'))
        .flatMap((clue) => [...clue.matchAll(/(?:^|of |beside )([A-Z]\w+)(?= is|\.)/g)].map((m) => m[1]!)),
    ),
  ];
  const listed = /((?:[A-Z]\w+, )+[A-Z]\w+ and [A-Z]\w+|[A-Z]\w+ and [A-Z]\w+)/.exec(
    question.replace(/^In \w+, /, ''),
  );
  for (const name of listed?.[1]?.split(/, | and /) ?? []) if (!names.includes(name)) names.push(name);
  const tests = clues.flatMap((clue): ((row: readonly string[]) => boolean)[] => {
    const at = (row: readonly string[], name: string): number => row.indexOf(name);
    let m = /^(\w+) is (somewhere|directly) to the left of (\w+)\.$/.exec(clue);
    if (m) {
      const [, a, how, b] = m as unknown as [string, string, string, string];
      return [(row) => (how === 'directly' ? at(row, b) - at(row, a) === 1 : at(row, a) < at(row, b))];
    }
    m = /^(\w+) is (right|not) beside (\w+)\.$/.exec(clue);
    if (m) {
      const [, a, how, b] = m as unknown as [string, string, string, string];
      return [(row) => (Math.abs(at(row, a) - at(row, b)) === 1) === (how === 'right')];
    }
    m = /^(\w+) is not in the (\w+) place\.$/.exec(clue);
    if (m) {
      const [, a, place] = m as unknown as [string, string, string];
      return [(row) => row[PLACES.indexOf(place)] !== a];
    }
    m = /^(\w+) is at one end of the row\.$/.exec(clue);
    if (m) {
      const a = m[1]!;
      return [(row) => row[0] === a || row.at(-1) === a];
    }
    return [];
  });
  const rows = permutations(names).filter((row) => tests.every((test) => test(row)));
  const wanted = /(?:in the|person in the) (\w+) place(?: from|, counted)/.exec(question);
  const answers = rows.map((row) => (wanted ? row[PLACES.indexOf(wanted[1]!)]! : row.join(', ')));
  return rows.length === 1 ? answers[0]! : `${rows.length} arrangements of ${names.join(' ')}`;
}

export function solveImplications(question: string): string {
  const read = (text: string): { fact: string; isPositive: boolean } => ({
    fact: text
      .replace(/ is not /, ' is ')
      .replace(/ does not (\w+)/, ' $1s')
      .toLowerCase(),
    isPositive: !/ not /.test(text),
  });
  const rules = [...question.matchAll(/If (.+?), then (.+?)\./g)].map(
    (m) => [read(m[1]!), read(m[2]!)] as const,
  );
  const known = read(/(?:observes that|certain that|According to \w+,) (.+?)\./.exec(question)![1]!);
  const asked = read(/(?:follow that|so that|conclude that) (.+?)\?/.exec(question)![1]!);
  const facts = [...new Set(rules.flat().map(({ fact }) => fact))];
  const verdicts = new Set<boolean>();
  for (let bits = 0; bits < 2 ** facts.length; bits++) {
    const holds = ({ fact, isPositive }: ReturnType<typeof read>): boolean =>
      (((bits >> facts.indexOf(fact)) & 1) === 1) === isPositive;
    if (holds(known) && rules.every(([p, q]) => !holds(p) || holds(q))) verdicts.add(holds(asked));
  }
  return verdicts.size === 2 ? 'unknown' : verdicts.has(true) ? 'yes' : 'no';
}

export function solveRanking(question: string): string {
  const clues = [...question.matchAll(/(\w+) is (\w+) than (\w+)\./g)];
  const isMore = (word: string): boolean =>
    ['taller', 'older', 'faster', 'richer', 'louder', 'stronger'].includes(word);
  const people = [...new Set(clues.flatMap((clue) => [clue[1]!, clue[3]!]))];
  const ordinal = /the (\w+ )?(?:tallest|oldest|fastest|richest|loudest|strongest)/
    .exec(question)![1]
    ?.trim();
  const place = ordinal === undefined ? 0 : PLACES.indexOf(ordinal);
  const rows = permutations(people).filter((row) =>
    clues.every(([, a, word, b]) => row.indexOf(a!) < row.indexOf(b!) === isMore(word!)),
  );
  return [...new Set(rows.map((row) => row[place]))].join(' or ');
}

/** Fits every kind of rule to the shown terms; all that fit must agree on the next two. */
export function solveSequence(question: string): string {
  const t = numbers(/\d+(?:, \d+){5}/.exec(question)![0]) as [number, number, number, number, number, number];
  const gap = (k: number): number => t[k + 1]! - t[k]!;
  const found = new Set<string>();
  const extend = (next: (list: readonly number[]) => number): void => {
    const list: number[] = [...t];
    list.push(next(list), 0);
    list[7] = next(list.slice(0, 7));
    found.add(`${list[6]},${list[7]}`);
  };
  const second = gap(1) - gap(0);
  if ([1, 2, 3].every((k) => gap(k + 1) - gap(k) === second))
    extend((l) => l.at(-1)! + (l.at(-1)! - l.at(-2)!) + second);
  const factor = gap(1) / gap(0);
  if (Number.isInteger(factor) && [1, 2, 3].every((k) => gap(k + 1) === gap(k) * factor))
    extend((l) => l.at(-1)! + (l.at(-1)! - l.at(-2)!) * factor);
  if ([2, 3, 4, 5].every((k) => t[k] === t[k - 1]! + t[k - 2]!)) extend((l) => l.at(-1)! + l.at(-2)!);
  if (t[4] - t[2] === t[2] - t[0] && t[5] - t[3] === t[3] - t[1]) extend((l) => 2 * l.at(-2)! - l.at(-4)!);
  if (found.size !== 1) return [...found].join(' or ');
  return [...found][0]!.split(',')[/after the next|two places/.test(question) ? 1 : 0]!;
}
