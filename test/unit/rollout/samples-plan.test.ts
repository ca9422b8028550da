/** The plain plan: completions of one prompt, within a budget; their majority, or their group. */
import t from 'tap';
import { Random } from '../../../src/random.js';
import type { ScoredCompletions } from '../../../src/rollout/plan.js';
import { SamplesPlan, type SamplesPlanOptions } from '../../../src/rollout/samples-plan.js';
import { completionsSampled } from '../../../src/testing/messages.js';
import { interruptedAfter } from '../../kit/interrupting.js';
import { codes, playPlan, says } from '../../kit/solving.js';

const make = (change: Partial<SamplesPlanOptions> = {}): SamplesPlan =>
  new SamplesPlan({
    role: 'forward',
    promptTokens: codes('Q'),
    samples: 1,
    samplesPerRequest: 1,
    firstStream: 0,
    budget: 10_000,
    maxTokens: 200,
    atOnce: 4,
    ...change,
  });

/** Two completions, as a sampler and a scorer give them. */
function scored(answers: readonly number[], policyVersion = 4): ScoredCompletions {
  const { kind: _kind, requestId: _requestId, ...arrays } = completionsSampled();
  const rewards = { names: ['answer'], values: Float32Array.from(answers), scored: Uint8Array.of(1, 1) };
  return { ...arrays, policyVersion, texts: ['one', 'two'], rewards };
}

t.test('one completion gives its answer, and its tokens are counted', async (t) => {
  const { result, events } = playPlan(make(), () => says('36'));
  const completion = says('36');
  t.match(result, { answer: '36', completion, stop: 'completed', tokens: completion.length + 1 });
  t.match(events, [{ type: 'completion', index: 0, text: completion, answer: '36', stopped: true }]);
});

t.test('the most frequent answer wins, whatever its wording, and events come in order', async (t) => {
  const answers = ['40', '36', '36.0', '5', '72/2', '40'];
  const { result, events } = playPlan(
    make({ samples: 6 }),
    ({ stream }) => says(answers[stream]!),
    (count) => count - 1,
  );
  t.equal(result.answer, '36');
  t.same(result.votes, [
    { answer: '36', count: 3 },
    { answer: '40', count: 2 },
    { answer: '5', count: 1 },
  ]);
  t.same(
    events.map((event) => event.type === 'completion' && event.answer),
    answers,
  );
});

t.test('what cannot be read has no vote, and leaves no answer where there is nothing else', async (t) => {
  const mixed = playPlan(make({ samples: 3 }), ({ stream }) => (stream < 2 ? 'nothing' : says('7')));
  t.equal(mixed.result.answer, '7');
  const none = playPlan(make({ samples: 2 }), () => '<answer>1</answer><answer>2</answer>');
  t.match(none.result, { answer: null, stop: 'completed', votes: [] });
  t.match(playPlan(make({ maxTokens: 9 }), () => says('7')).result, { answer: null, stop: 'cut_off' });
});

t.test('a budget below one completion asks for nothing', async (t) => {
  const { result, asked, events } = playPlan(make({ budget: 15 }), () => says('7'));
  t.same([asked, events], [[], []]);
  t.match(result, { answer: null, completion: null, stop: 'budget_too_small', tokens: 0 });
  // Completions may be allowed to be shorter than that.
  t.equal(playPlan(make({ budget: 15, maxTokens: 5 }), () => 'x').result.stop, 'completed');
});

t.test('a budget that ends early ends the vote with what there is', async (t) => {
  const each = says('36').length + 1;
  const { result, events } = playPlan(make({ samples: 9, budget: 3 * each + 20 }), () => says('36'));
  t.match(result, { answer: '36', stop: 'budget' });
  t.equal(events.length, 4, 'the last one was cut off');
});

t.test('an interruption ends the vote with the completions that have come in', async (t) => {
  const plan = make({ samples: 9 });
  const answers = ['1', '2', '2', '3', '4'];
  const { result, events, asked } = playPlan(
    interruptedAfter(plan, 3),
    ({ stream }) => says(answers[stream]!),
    (count) => Math.min(1, count - 1),
  );
  t.match(result, { answer: '2', stop: 'interrupted', completion: says('2') });
  t.equal(result.tokens, 3 * (says('2').length + 1));
  t.same(
    events.map((event) => event.type === 'completion' && event.index),
    [1, 2, 3],
    'the first one was cut',
  );
  t.same(plan.artifact().content, events);
  t.equal(asked.length, 6);
  t.same(plan.takeRequests(), [], 'nothing more is asked for');
  t.throws(() => plan.accept(99, scored([0])), { code: 'INTERNAL' });
});

t.test(
  'an interruption before the first completion leaves nothing, one after the last changes nothing',
  async (t) => {
    const none = playPlan(interruptedAfter(make(), 0), () => says('1'));
    t.same(none.events, []);
    t.match(none.result, { answer: null, completion: null, stop: 'interrupted', tokens: 0, votes: [] });
    t.equal(playPlan(interruptedAfter(make(), 1), () => says('1')).result.stop, 'completed');
  },
);

t.test('no budget is ever exceeded, and every vote ends', async (t) => {
  const seed = 7;
  const random = new Random(seed, 'votes');
  const broken: string[] = [];
  for (let i = 0; i < 300; i++) {
    const options = {
      samples: random.integer(1, 12),
      budget: random.integer(1, 600),
      maxTokens: random.integer(1, 120),
      atOnce: random.integer(1, 8),
    };
    const policy = () => 'x'.repeat(random.integer(0, 150));
    const { result, mostTokens, events } = playPlan(make(options), policy, (n) => random.integer(0, n - 1));
    const named = `seed ${seed}, ${JSON.stringify(options)}`;
    if (mostTokens > options.budget || result.tokens > options.budget) broken.push(`exceeded: ${named}`);
    if (result.stop !== 'budget' && result.stop !== 'budget_too_small' && events.length !== options.samples)
      broken.push(`completions are missing: ${named}`);
  }
  t.same(broken, []);
});

t.test('scored completions are one group of the role, in the order of the requests', async (t) => {
  const plan = make({ role: 'backward', samples: 4, samplesPerRequest: 2, firstStream: 1, budget: Infinity });
  t.match(plan.takeRequests(), [
    { stream: 1, role: 'backward', sampleCount: 2, maxTokens: 200 },
    { stream: 2, role: 'backward', sampleCount: 2, maxTokens: 200 },
  ]);
  t.throws(() => plan.groups(), { code: 'INTERNAL' }, 'not before the end');
  plan.accept(2, scored([0, 1]));
  plan.accept(1, scored([1, 0]));
  const [group, ...others] = plan.groups();
  t.same(others, []);
  t.match(group, { name: null, role: 'backward', policyVersion: 4, texts: ['one', 'two', 'one', 'two'] });
  t.same(group!.lengths, Int32Array.of(3, 2, 3, 2));
  t.same(group!.rewards.values, Float32Array.of(1, 0, 0, 1));
  t.equal(group!.tokens.length, 10);
  const unscored = make();
  unscored.takeRequests();
  unscored.accept(0, { ...scored([]), rewards: null });
  t.same(unscored.groups(), [], 'what nobody scored teaches nothing');
});

t.test('completions of two policy versions are no group', async (t) => {
  const plan = make({ samples: 4, samplesPerRequest: 2, budget: Infinity });
  plan.takeRequests();
  plan.accept(0, scored([0, 1]));
  plan.accept(1, scored([0, 1], 5));
  t.throws(() => plan.groups(), { code: 'INTERNAL', message: /policy version/ });
});
