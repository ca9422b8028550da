import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { Random } from '../../../../src/random.js';
import {
  type Continuation,
  type NextWork,
  type Ticket,
  TreeSearch,
} from '../../../../src/techniques/search/search.js';
import type { Step } from '../../../../src/techniques/search/tree.js';
import { Checks } from '../../../kit/checks.js';

const simulated = (seed: number, distinct = true, confidence = 1.5): SimulatedPolicy =>
  new SimulatedPolicy({
    seed,
    branching: 3,
    depth: 4,
    rightShare: 0.6,
    skill: 0,
    confidence,
    tokensPerStep: 4,
    distinct,
  });

/** A step of one token for each letter. */
const step = (text: string): Step => ({
  text,
  tokens: Int32Array.from(text, (letter) => letter.charCodeAt(0)),
  logProbs: new Float32Array(text.length).fill(-0.5),
  supportLogMass: new Float32Array(text.length),
});
const says = (texts: readonly string[], answer: string | null, reward: number): Continuation => ({
  steps: texts.map(step),
  ending: { answer, answerClass: answer, stopped: true },
  reward,
});
function ticketOf(work: NextWork): Ticket {
  if (work.kind !== 'ticket') throw new Error(`expected a ticket, got ${JSON.stringify(work)}`);
  return work.ticket;
}
/** Hands `continuation` in for the next ticket; gives the ticket. */
function play(search: TreeSearch, continuation: Continuation): Ticket {
  const ticket = ticketOf(search.next());
  search.complete(ticket.ticketId, continuation);
  return ticket;
}
const inFlight = (search: TreeSearch): number =>
  search.tree.nodes.reduce((sum, node) => sum + node.inFlight + node.pending, 0);

t.test('visits, draws and values add up, whatever the number of searchers', async (t) => {
  const checks = new Checks();
  for (const distinct of [true, false]) {
    for (const workers of [1, 5]) {
      for (let seed = 0; seed < 20; seed++) {
        const search = new TreeSearch({ maxRollouts: 40, seed });
        driveSearch(search, simulated(seed, distinct), workers);
        for (const node of search.tree.nodes.filter(({ ending }) => !ending)) {
          const children = search.tree.childrenOf(node);
          const sum = (of: (child: (typeof children)[number]) => number): number =>
            children.reduce((total, child) => total + of(child), 0);
          checks.same(node.visits, sum(({ visits }) => visits) + node.merged, `seed ${seed} node ${node.id}`);
          checks.same(
            node.valueSum,
            sum(({ valueSum }) => valueSum),
            `seed ${seed} node ${node.id}`,
          );
          checks.same(
            node.drawCount,
            sum(({ draws }) => draws),
            `seed ${seed} node ${node.id}`,
          );
          const priors = sum(({ prior }) => prior);
          checks.ok(Math.abs(priors - 1) < 1e-12, `seed ${seed} node ${node.id}: priors add up to ${priors}`);
        }
        checks.same(search.tree.root.visits, search.counts.rollouts, `seed ${seed}: rollouts`);
      }
    }
  }
  checks.report(t, { moreThan: 9000 });
});

t.test('a node is descended through only when it has all its draws', async (t) => {
  const search = new TreeSearch({ maxRollouts: 30, maxDraws: 3 });
  const drawn = new Map<number, number>();
  const policy = simulated(3);
  driveSearch(search, {
    continuation(ticket) {
      for (const node of search.tree.path(search.tree.node(ticket.nodeId)).slice(0, -1))
        t.equal(node.children.length, 3, `node ${node.id}`);
      drawn.set(ticket.nodeId, (drawn.get(ticket.nodeId) ?? 0) + 1);
      return policy.continuation(ticket);
    },
  });
  t.equal(drawn.get(0), 3, 'the root was drawn from once for each child');
});

t.test('after cancels, time-outs and errors nothing is in flight and no draw is lost', async (t) => {
  const checks = new Checks();
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed, 'faults');
    const search = new TreeSearch({ maxRollouts: 500, maxDraws: 3 });
    const policy = simulated(seed);
    const out: Ticket[] = [];
    for (let turn = 0; turn < 60; turn++) {
      const work = search.next();
      if (work.kind === 'done') break;
      if (work.kind === 'ticket') out.push(work.ticket);
      if (work.kind === 'ticket' && out.length < 6) continue;
      const [ticket] = out.splice(random.integer(0, out.length - 1), 1);
      const { ticketId } = ticket!;
      if (random.uniform() < 0.6) search.complete(ticketId, policy.continuation(ticket!));
      else if (random.uniform() < 0.2)
        search.complete(ticketId, { ...policy.continuation(ticket!), reward: Number.NaN });
      else search.cancel(ticketId, random.pick(['timeout', 'error', 'cancelled'] as const));
    }
    for (const { ticketId } of search.outstanding) search.cancel(ticketId, 'cancelled');
    checks.same(inFlight(search), 0, `seed ${seed}`);
    const { timeout, error, cancelled, reward_not_finite: notFinite } = search.counts;
    checks.same(
      search.counts.rollouts + timeout + error + cancelled + notFinite,
      search.nextTicket,
      `seed ${seed}`,
    );
    // Faults change the order of work, never the work: going on finds every leaf that there is.
    checks.same(driveSearch(search, policy), 'exhausted', `seed ${seed}`);
    checks.same(search.tree.leaves().length, 81, `seed ${seed}`);
    checks.same(search.counts.duplicates, 0, `seed ${seed}`);
  }
  checks.report(t, { moreThan: 149 });
});

t.test('a late result changes nothing and is counted', async (t) => {
  const search = new TreeSearch({});
  const ticket = ticketOf(search.next());
  t.equal(search.cancel(ticket.ticketId, 'timeout'), true);
  t.equal(search.cancel(ticket.ticketId, 'timeout'), false);
  t.equal(search.complete(ticket.ticketId, says(['a'], '1', 1)), false);
  t.same([search.counts.late, search.counts.timeout, search.tree.size], [1, 1, 1]);
  const again = ticketOf(search.next());
  t.same([again.nodeId, again.draw], [ticket.nodeId, ticket.draw], 'the same draw is given out again');
});

t.test('eight searchers do nothing twice and find what one finds', async (t) => {
  const checks = new Checks();
  const finals = { 1: 0, 8: 0 };
  for (let seed = 0; seed < 60; seed++) {
    for (const workers of [1, 8] as const) {
      const search = new TreeSearch({ maxRollouts: 32, maxDraws: 3 });
      driveSearch(search, simulated(seed), workers);
      checks.same(search.counts.duplicates + search.counts.mergedSteps, 0, `seed ${seed}`);
      finals[workers] += search.tree.root.maxValue;
    }
  }
  t.ok(finals[1] > 40);
  t.ok(finals[8] >= 0.97 * finals[1], `right answers: ${finals[8]} with 8 searchers, ${finals[1]} with one`);
  checks.report(t, { moreThan: 119 });
});

t.test('without in-flight counts eight searchers do the same work eight times', async (t) => {
  const selection = { formula: 'ucb1', exploration: 1, parallel: 'none' } as const;
  const search = new TreeSearch({ maxRollouts: 64, maxDraws: 100, selection });
  driveSearch(search, simulated(1), 8);
  t.ok(search.counts.duplicates > 32, `${search.counts.duplicates} of 64`);
  t.equal(inFlight(search), 0);
});

t.test('one seed gives one tree, and the order of equals depends on the seed', async (t) => {
  const visited = (seed: number, workers: number): string => {
    const search = new TreeSearch({ maxRollouts: 25, seed, maxDraws: 3 });
    driveSearch(search, simulated(5, true, 0), workers); // equal priors
    return JSON.stringify(search.tree.leaves().map(({ ending }) => ending!.answer));
  };
  for (const workers of [1, 4]) t.equal(visited(1, workers), visited(1, workers));
  t.not(visited(1, 1), visited(2, 1));
});

t.test('siblings that say the same are one child with two draws', async (t) => {
  const search = new TreeSearch({ maxDraws: 6 });
  play(search, says(['Step 1: 2 + 2 = 4. ', 'So 4.'], '4', 1));
  play(search, says(['Step 1: 2 + 2 = 4. ', 'Thus 5.'], '5', 0));
  play(search, says(['step 1: 2+2 = 4.\n', 'Hence 6.'], '6', 0));
  const [child] = search.tree.childrenOf(search.tree.root);
  t.equal(search.tree.root.children.length, 1);
  t.same([child!.draws, child!.visits, child!.children.length], [3, 3, 2]);
  t.same([child!.merged, search.counts.mergedSteps], [1, 2]);
  // Other tokens: what followed them has no place here, and is counted.
  t.equal(search.counts.discardedTokens, 'step 1: 2+2 = 4.\nHence 6.'.length);
});

t.test('endings with equal answers are one leaf, others are not', async (t) => {
  const search = new TreeSearch({ maxDraws: 9, width: 9 });
  const answers = [
    '<answer>36</answer>',
    '<answer> 36.0 </answer>',
    '<answer>35</answer>',
    'I do not know',
    'No idea',
  ];
  const classes = ['36', '36', '35', null, null];
  answers.forEach((text, i) => {
    play(search, says([text], classes[i]!, classes[i] === '36' ? 1 : 0));
  });
  t.same(
    search.tree.childrenOf(search.tree.root).map(({ draws }) => draws),
    [2, 1, 1, 1],
  );
  t.same([search.counts.duplicates, search.counts.untagged], [1, 2]);
});

t.test('a proven solution goes up to the root, a failure only when all is known', async (t) => {
  const search = new TreeSearch({ width: 2, maxDraws: 2 });
  play(search, says(['a', 'x'], '1', 0));
  play(search, says(['b', 'y'], '2', 0));
  const [a, b] = search.tree.childrenOf(search.tree.root);
  t.equal(search.tree.root.provenValue, null);
  const ticket = play(search, says(['z'], '3', 0));
  const known = search.tree.node(ticket.nodeId);
  t.same([known.provenValue, known.exhausted], [0, true]);
  const other = known === a ? b! : a!;
  t.equal(play(search, says(['w'], '4', 1)).nodeId, other.id, 'an exhausted node is not entered again');
  t.same([other.provenValue, search.tree.root.provenValue, search.tree.root.exhausted], [1, 1, true]);
  t.same(search.next(), { kind: 'done', reason: 'exhausted' });
});

t.test('a search may stop at its first solution', async (t) => {
  const search = new TreeSearch({ stopAtSolution: true });
  play(search, says(['a'], '1', 1));
  const work = search.next();
  t.same(work, { kind: 'done', reason: 'solved' });
  t.match(search.tree.leaves(), [{ text: 'a', ending: { answer: '1' }, provenValue: 1 }]);
});

t.test('a policy that only repeats itself ends the search', async (t) => {
  const search = new TreeSearch({ maxRollouts: 1000, width: 2, maxDraws: 4 });
  const reason = driveSearch(search, {
    continuation: ({ nodeId }) => says(nodeId === 0 ? ['a', 'b'] : ['b'], '1', 0),
  });
  t.equal(reason, 'exhausted');
  t.same([search.counts.rollouts, search.counts.reopened, search.tree.size], [8, 1, 3]);
});
