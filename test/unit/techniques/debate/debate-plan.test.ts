/** A debate as a plan: its turns, its budget and prompts that leave no room. */
import t from 'tap';
import type { Turn } from '../../../../src/data/prompt.js';
import type { Role } from '../../../../src/protocol/index.js';
import { Random } from '../../../../src/random.js';
import { readAnswer, sameAnswer } from '../../../../src/rollout/answers.js';
import type { TurnEvent } from '../../../../src/rollout/plan-events.js';
import { DebatePlan, type DebatePlanOptions } from '../../../../src/techniques/debate/debate-plan.js';
import { interruptedAfter, wholeCompletion } from '../../../kit/interrupting.js';
import { codes, decodeCodes, type Played, type Policy, playPlan, says } from '../../../kit/solving.js';

const encodePrompt = (role: Role, turns: readonly Turn[]): Int32Array =>
  codes([role, ...turns.map((turn) => `${turn.role}=${turn.text}`)].join(' '));

const make = ({
  samples = 1,
  ...change
}: Partial<DebatePlanOptions> & { samples?: number } = {}): DebatePlan =>
  new DebatePlan({
    encodePrompt,
    readAnswer,
    equivalent: sameAnswer,
    samplesPerTurn: { forward: samples, backward: samples, skeptic: 1, synthesizer: samples },
    maxRounds: 2,
    withCredit: false,
    budget: 10_000,
    maxTokens: 100,
    capacity: 300,
    outcomeWeights: {},
    ...change,
  });

/** Answers by the role that a prompt begins with. */
const scripted =
  (answers: Partial<Record<string, string>>): Policy =>
  ({ promptTokens }) => {
    const [role] = decodeCodes(promptTokens).split(' ');
    const answer = answers[role!];
    return answer === undefined ? 'nothing' : says(answer);
  };

const turnsOf = ({ events }: Played): string[] => events.map((event) => (event as TurnEvent).id);

t.test('agreement ends the debate', async (t) => {
  const played = playPlan(make(), scripted({ forward: '36', backward: '36.0' }));
  t.match(played.result, {
    answer: '36',
    stop: 'consensus',
    completion: says('36'),
    details: { rounds: 1 },
  });
  t.same(turnsOf(played), ['forward-0', 'backward-0']);
});

t.test('others hear answers and verdicts, and the judge has the last word', async (t) => {
  const script = scripted({ forward: '1', backward: '2', skeptic: 'backward', synthesizer: '3' });
  const played = playPlan(make(), script);
  t.match(played.result, { answer: '3', stop: 'unchanged', completion: says('3') });
  t.same(turnsOf(played), [
    ...['forward-0', 'backward-0', 'skeptic-0'],
    ...['forward-1', 'backward-1', 'synthesizer-1-backward'],
  ]);
  const heard = (played.events[3] as TurnEvent).heard;
  t.same(heard, [
    { role: 'forward', text: '1' },
    { role: 'backward', text: '2' },
    { role: 'skeptic', text: 'backward' },
  ]);
  t.same(played.result.votes[0], { answer: '1', count: 2 });
});

t.test('the transcript does not depend on who is faster', async (t) => {
  const script = scripted({ forward: '1', backward: '2', skeptic: 'neither', synthesizer: '3' });
  const first = playPlan(make({ samples: 2 }), script);
  const last = playPlan(make({ samples: 2 }), script, (count) => count - 1);
  t.same(last.events, first.events);
  t.same(last.result, first.result);
});

t.test(
  'a budget below one completion asks for nothing; one that ends early gives the answer so far',
  async (t) => {
    const script = scripted({ forward: '1', backward: '2', skeptic: 'forward', synthesizer: '1' });
    const none = playPlan(make({ budget: 31 }), script);
    t.same(none.asked, []);
    t.match(none.result, { answer: null, stop: 'budget_too_small', tokens: 0 });
    const two = 2 * (says('1').length + 1);
    const early = playPlan(make({ budget: two + 15 }), script);
    t.match(early.result, { answer: '1', stop: 'budget', completion: says('1'), tokens: two });
  },
);

t.test('a role whose prompt leaves no room says nothing, and the debate goes on', async (t) => {
  const script = scripted({ forward: '1', backward: '2', skeptic: 'forward', synthesizer: '1' });
  const long = (role: Role, turns: readonly Turn[]): Int32Array =>
    role === 'skeptic' ? codes('x'.repeat(290)) : encodePrompt(role, turns);
  const played = playPlan(make({ encodePrompt: long, maxRounds: 1 }), script);
  t.match(played.result, { answer: '1', stop: 'rounds' });
  t.match(played.events[2], { role: 'skeptic', completions: [], promptTooLong: true });
  const never = playPlan(make({ encodePrompt: () => codes('x'.repeat(299)) }), script);
  t.match(never.result, { answer: null, tokens: 0 });
  t.ok(never.events.every((event) => (event as TurnEvent).promptTooLong));
});

t.test('an interruption ends the debate with the most frequent answer so far', async (t) => {
  const script = scripted({ forward: '1', backward: '2', skeptic: 'neither', synthesizer: '3' });
  const plan = make();
  const early = playPlan(interruptedAfter(plan, 1), script, (count) => count - 1);
  t.match(early.result, {
    answer: '2',
    stop: 'interrupted',
    completion: says('2'),
    details: { rounds: 1 },
    tokens: says('2').length + 1,
    votes: [{ answer: '2', count: 1 }],
  });
  t.same(turnsOf(early), ['backward-0'], 'which was heard, though forward was not');
  t.match(plan.artifact().content, { turns: [{ id: 'backward-0' }] });
  t.same(plan.takeRequests(), []);
  const late = playPlan(interruptedAfter(make(), 4), script);
  t.match(late.result, { answer: '1', stop: 'interrupted', details: { rounds: 2 } });
  t.same(turnsOf(late), ['forward-0', 'backward-0', 'skeptic-0', 'forward-1']);
  t.equal(playPlan(interruptedAfter(make(), 6), script).result.stop, 'unchanged', 'it was over');
});

t.test('a completion that is whole counts, though its turn was interrupted', async (t) => {
  const played = playPlan(
    interruptedAfter(make({ samples: 3 }), 0, [wholeCompletion(1, says('7'))]),
    () => '',
  );
  t.match(played.result, { answer: '7', stop: 'interrupted', tokens: says('7').length + 1 });
  t.match(played.events, [{ id: 'backward-0', completions: [{ text: says('7'), answer: '7' }] }]);
  const none = playPlan(interruptedAfter(make(), 0), () => '');
  t.same(none.events, []);
  t.match(none.result, { answer: null, completion: null, stop: 'interrupted', details: { rounds: 0 } });
});

t.test('no budget is ever exceeded, and every debate ends', async (t) => {
  const seed = 11;
  const random = new Random(seed, 'debates');
  const broken: string[] = [];
  for (let i = 0; i < 200; i++) {
    const options = {
      samples: random.integer(1, 4),
      maxRounds: random.integer(1, 4),
      budget: random.integer(1, 1500),
      maxTokens: random.integer(1, 90),
    };
    const policy = (): string => (random.integer(0, 3) === 0 ? '' : says(String(random.integer(1, 3))));
    const { result, mostTokens } = playPlan(make(options), policy, (n) => random.integer(0, n - 1));
    if (mostTokens > options.budget || result.tokens > options.budget)
      broken.push(`exceeded: seed ${seed}, ${JSON.stringify(options)}`);
  }
  t.same(broken, []);
});
