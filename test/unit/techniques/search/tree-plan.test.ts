/** A tree as a plan: agreement instead of a verifier, its budget, and the file that it leaves. */
import t from 'tap';
import { completionText } from '../../../../src/data/prompt.js';
import { Random } from '../../../../src/random.js';
import { readAnswer } from '../../../../src/rollout/answers.js';
import type { ExpansionEvent } from '../../../../src/rollout/plan-events.js';
import type { SavedSearch } from '../../../../src/techniques/search/saved-search.js';
import { TreePlan } from '../../../../src/techniques/search/tree-plan.js';
import { interruptedAfter, wholeCompletion } from '../../../kit/interrupting.js';
import { codes, decodeCodes, playPlan } from '../../../kit/solving.js';

interface Change {
  readonly rollouts?: number;
  readonly budget?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
}

const make = ({ rollouts = 12, budget = 10_000, maxTokens = 200, seed = 1 }: Change = {}): TreePlan =>
  new TreePlan({
    promptTokens: codes('Q'),
    decode: decodeCodes,
    readAnswer,
    search: {
      seed,
      width: 4,
      maxRollouts: rollouts,
      maxTokens: budget,
      maxCompletionTokens: maxTokens,
      minCompletionTokens: Math.min(16, maxTokens),
    },
    workers: 4,
    scoring: null,
  });

/** Goes on with one of a few steps and answers, at random. */
function wandering(seed: number) {
  const random = new Random(seed, 'policy');
  const pick = (count: number): number => random.integer(1, count);
  return ({ prefixTokens }: { prefixTokens?: Int32Array }): string => {
    const begun = prefixTokens!.length > 0;
    const rest = `Take ${pick(3)}. Add ${pick(3)}. Done.</reasoning><answer>${pick(4)}</answer>`;
    return begun ? rest : `<reasoning>${rest}`;
  };
}

t.test('the answer is the most frequent one, and agreement counts the others', async (t) => {
  const answers = ['5', '5.0', '6', '5'];
  const { result, events } = playPlan(make({ rollouts: 4 }), (_, sample) =>
    completionText(`Step ${sample}.`, answers[sample]!),
  );
  t.match(result, {
    answer: '5',
    stop: 'rollouts',
    votes: [
      { answer: '5', count: 3 },
      { answer: '6', count: 1 },
    ],
  });
  const [expansion] = events as ExpansionEvent[];
  t.match(expansion, { node: 0, depth: 0, rollouts: 4 });
  t.strictSame(
    expansion!.completions.map(({ agreement }) => agreement),
    [2 / 3, 2 / 3, 0, 2 / 3],
  );
});

t.test('the same seed gives the same tree, and tree.json holds it', async (t) => {
  const [first, again] = [make(), make()].map((plan) => ({ plan, ...playPlan(plan, wandering(3)) }));
  t.same(again!.plan.artifact(), first!.plan.artifact());
  t.same(again!.result, first!.result);
  const { name, content } = first!.plan.artifact();
  t.equal(name, 'tree.json');
  const loaded = JSON.parse(JSON.stringify(content)) as SavedSearch;
  t.equal(loaded.nodes.length, first!.result.details.nodes);
  t.equal(loaded.counts.rollouts, 12);
  t.match(
    first!.plan.render((text) => text.trim()),
    /^\[n=12 v=0\.\d\d\] \(prompt\)\n/,
  );
});

t.test('a budget below one completion asks for nothing; completions without tags have no vote', async (t) => {
  const none = playPlan(make({ budget: 15 }), () => 'x');
  t.same(none.asked, []);
  t.match(none.result, { answer: null, stop: 'budget_too_small', tokens: 0 });
  t.match(playPlan(make(), () => 'no tags').result, { answer: null, votes: [], completion: 'no tags' });
  t.match(playPlan(make(), () => '').result, { answer: null });
});

t.test(
  'an interruption ends the search with the most frequent answer so far, and leaves its tree',
  async (t) => {
    const plan = make();
    const { result, events } = playPlan(interruptedAfter(plan, 3), wandering(3));
    t.equal(result.stop, 'interrupted');
    const completions = (events as ExpansionEvent[]).flatMap((event) => event.completions);
    t.equal(
      result.tokens,
      completions.reduce((sum, { tokens }) => sum + tokens, 0),
    );
    t.same(
      result.votes.reduce((sum, { count }) => sum + count, 0),
      completions.length,
    );
    t.equal(result.answer, result.votes[0]!.answer);
    const loaded = plan.artifact().content as SavedSearch;
    t.equal(loaded.counts.rollouts, completions.length);
    t.same(plan.takeRequests(), []);
  },
);

t.test('a continuation that is whole has a vote, though its siblings were interrupted', async (t) => {
  const plan = make();
  const said = completionText('Step.', '5');
  const { result, events } = playPlan(interruptedAfter(plan, 0, [wholeCompletion(0, said)]), () => '');
  t.match(result, { answer: '5', completion: said, tokens: said.length + 1, details: { nodes: 1 } });
  t.match(events, [{ node: 0, completions: [{ text: said, answer: '5', agreement: 0 }], rollouts: 0 }]);
  const none = playPlan(interruptedAfter(make(), 0), () => '');
  t.match(none.result, { answer: null, completion: null, stop: 'interrupted', tokens: 0 });
  t.same(none.events, []);
});

t.test('no budget is ever exceeded, and every search ends', async (t) => {
  const seed = 5;
  const random = new Random(seed, 'trees');
  const broken: string[] = [];
  for (let i = 0; i < 60; i++) {
    const options = {
      rollouts: random.integer(1, 20),
      budget: random.integer(1, 900),
      maxTokens: random.integer(1, 120),
      seed: i,
    };
    const { result, mostTokens } = playPlan(make(options), wandering(i), (n) => random.integer(0, n - 1));
    if (mostTokens > options.budget || result.tokens > options.budget)
      broken.push(`exceeded: seed ${seed}, ${JSON.stringify(options)}`);
  }
  t.same(broken, []);
});
