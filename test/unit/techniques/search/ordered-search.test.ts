import t from 'tap';
import { driveSearch } from '../../../../lab/search/drive.js';
import { SimulatedPolicy } from '../../../../lab/search/simulated-policy.js';
import { Random } from '../../../../src/random.js';
import {
  type ContinuationRequest,
  OrderedSearch,
  type ScoredContinuation,
} from '../../../../src/techniques/search/ordered-search.js';
import { saveSearch } from '../../../../src/techniques/search/saved-search.js';
import { TreeSearch } from '../../../../src/techniques/search/search.js';
import { Checks } from '../../../kit/checks.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const TASK = {
  branching: 3,
  depth: 4,
  rightShare: 0.6,
  skill: 0,
  confidence: 1,
  tokensPerStep: 2,
  distinct: false,
};

/** Continuations that depend on the request alone. */
function sample(policy: SimulatedPolicy, request: ContinuationRequest): ScoredContinuation[] {
  return Array.from({ length: request.sampleCount }, (_, i) => {
    const ticket = { ...request, ticketId: 0, draw: request.stream * 100 + i };
    const continuation = policy.continuation(ticket);
    return { ...continuation, rewards: [continuation.reward, request.stream] };
  });
}

/** Grows a tree; `choose` says which of the open requests is answered next. */
function grow(seed: number, workers: number, choose: (count: number) => number) {
  const policy = new SimulatedPolicy({ ...TASK, seed });
  const ordered = new OrderedSearch(new TreeSearch({ maxRollouts: 24, seed }), workers);
  const open = [...ordered.takeRequests()];
  const streams: number[] = [];
  let most = 0;
  while (ordered.reason === null) {
    most = Math.max(most, ordered.search.outstanding.length);
    const [request] = open.splice(choose(open.length), 1);
    streams.push(request!.stream);
    ordered.accept(request!.stream, sample(policy, request!));
    open.push(...ordered.takeRequests());
  }
  return { ordered, streams, most, open };
}

t.test('the order in which results come changes nothing', async (t) => {
  const checks = new Checks();
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(SEED, 'order', seed);
    for (const workers of [1, 4, 9]) {
      const inOrder = grow(seed, workers, () => 0);
      const shuffled = grow(seed, workers, (count) => random.integer(0, count - 1));
      checks.same(
        saveSearch(shuffled.ordered.search),
        saveSearch(inOrder.ordered.search),
        `seed ${seed}, ${workers} workers`,
      );
      const at = `seed ${seed}, ${workers} workers`;
      checks.same([...shuffled.ordered.rewardsOf], [...inOrder.ordered.rewardsOf], `${at}: rewards`);
      checks.ok(inOrder.most <= workers, `${at}: ${inOrder.most} at once`);
      const { outstanding } = inOrder.ordered.search;
      checks.same([inOrder.open.length, outstanding], [0, []], `${at}: nothing is left out`);
      checks.same(new Set(inOrder.streams).size, inOrder.streams.length, `${at}: streams are unique`);
    }
  }
  checks.report(t, { moreThan: 449 });
});

t.test('one worker grows the tree that driving by hand grows', async (t) => {
  const policy = new SimulatedPolicy({ ...TASK, seed: 5 });
  const byHand = new TreeSearch({ maxRollouts: 24, seed: 5 });
  driveSearch(byHand, {
    continuation: (ticket) => sample(policy, { ...ticket, stream: ticket.ticketId, sampleCount: 1 })[0]!,
  });
  t.same(saveSearch(grow(5, 1, () => 0).ordered.search), saveSearch(byHand));
});

t.test('tickets of one node that are given out together are one request', async (t) => {
  const ordered = new OrderedSearch(new TreeSearch({ width: 3, maxRollouts: 8 }), 8);
  t.match(ordered.takeRequests(), [{ stream: 0, nodeId: 0, sampleCount: 3 }]);
  t.same(ordered.takeRequests(), [], 'a request is given once');
  // Tokens left differ: so do the requests.
  const tight = new OrderedSearch(
    new TreeSearch({ width: 2, maxTokens: 100, maxCompletionTokens: 60, minCompletionTokens: 8 }),
    8,
  );
  t.match(tight.takeRequests(), [
    { stream: 0, maxTokens: 60, sampleCount: 1 },
    { stream: 1, maxTokens: 40, sampleCount: 1 },
  ]);
});

t.test('every leaf has the rewards of the completion that ends in it', async (t) => {
  const { ordered } = grow(2, 4, () => 0);
  const { tree } = ordered.search;
  t.same(
    [...ordered.rewardsOf.keys()].sort((a, b) => a - b),
    tree.leaves().map(({ id }) => id),
  );
  for (const { id, firstValue } of tree.leaves()) t.equal(ordered.rewardsOf.get(id)![0], firstValue);
});

t.test('what cannot be handed in is refused', async (t) => {
  const ordered = new OrderedSearch(new TreeSearch({ width: 2, maxRollouts: 4 }), 2);
  const [request] = ordered.takeRequests();
  const continuations = sample(new SimulatedPolicy({ ...TASK, seed: 1 }), request!);
  t.throws(() => ordered.accept(9, continuations), {
    code: 'INTERNAL',
    message: /request 9 .* expected none/,
  });
  t.throws(() => ordered.accept(0, continuations.slice(1)), { code: 'INTERNAL', message: /expected 2/ });
  t.throws(
    () =>
      ordered.accept(
        0,
        continuations.map((each) => ({ ...each, reward: Number.NaN })),
      ),
    { code: 'INTERNAL' },
  );
});

t.test('a budget too small for one completion ends at once', async (t) => {
  const ordered = new OrderedSearch(new TreeSearch({ maxTokens: 8, minCompletionTokens: 16 }), 2);
  t.same([ordered.reason, ordered.takeRequests()], ['budget_too_small', []]);
});
