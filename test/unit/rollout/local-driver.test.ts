/** Plans on a sampler of this thread: what an interruption stops, and what it leaves. */
import t from 'tap';
import { DrawnTokens, drive } from '../../../src/rollout/local-driver.js';
import { SamplesPlan } from '../../../src/rollout/samples-plan.js';
import { createSampler } from '../../kit/sampling.js';
import { fixturePolicy } from '../../kit/tiny-policies.js';

const STOP = 1;
const decode = (tokens: Int32Array): string => tokens.join(' ');

const common = { seed: 1, temperature: 1, decode, maxLoad: 8, onEvent: () => {}, onEnded: () => {} };

const promptOf = (promptToken: number) => ({ promptTokens: Int32Array.of(2, promptToken, 11) });

/** Four completions that all end in the same step. */
const OF_ONE_TOKEN = {
  role: 'forward',
  samples: 4,
  samplesPerRequest: 1,
  firstStream: 0,
  budget: 1000,
  maxTokens: 1,
  atOnce: 4,
} as const;

function votes(promptToken = 10): SamplesPlan {
  return new SamplesPlan({
    role: 'forward',
    ...promptOf(promptToken),
    samples: 8,
    samplesPerRequest: 1,
    firstStream: 0,
    budget: 1000,
    maxTokens: 40,
    atOnce: 8,
  });
}

/** A vote of eight, interrupted when so many tokens have been drawn. */
async function interruptedAt(tokens: number) {
  const plan = votes();
  const drawn = new DrawnTokens([STOP]);
  const sampler = createSampler(fixturePolicy('gemma2'), {
    onToken: (requestId, sample, token) => void drawn.draw(requestId, sample, token),
  });
  const { counters } = sampler;
  await drive([{ index: 0, plan }], {
    ...common,
    sampler,
    drawn,
    isInterrupted: () => counters.tokens >= tokens,
  });
  sampler.release();
  return { result: plan.result(), steps: counters.steps, sampled: counters.tokens };
}

t.test('no token is sampled after an interruption', async (t) => {
  t.match(await interruptedAt(0), {
    steps: 0,
    sampled: 0,
    result: { stop: 'interrupted', completion: null },
  });
  t.match(await interruptedAt(17), { steps: 3, sampled: 24, result: { stop: 'interrupted', tokens: 0 } });
  const whole = await interruptedAt(1001);
  t.match(whole.result, { tokens: whole.sampled, details: { completions: 8 } });
});

t.test('signals come in while a plan is sampled', async (t) => {
  let turns = 0;
  const count = (): void => {
    turns++;
    handle = setImmediate(count);
  };
  let handle = setImmediate(count);
  const { steps } = await interruptedAt(1001);
  clearImmediate(handle);
  t.ok(turns >= steps, `${turns} turns of the event loop in ${steps} steps`);
});

t.test('only what its policy or its limit ended is whole', async (t) => {
  const drawn = new DrawnTokens([STOP]);
  const request = { role: 'forward' as const, promptTokens: Int32Array.of(2), sampleCount: 4, maxTokens: 3 };
  const ids = [0, 1].map((stream) => drawn.open(5, { ...request, stream }));
  drawn.open(6, { ...request, stream: 0 });
  const draw = (stream: number, sample: number, tokens: readonly number[]): void => {
    for (const token of tokens) drawn.draw(ids[stream]!, sample, token);
  };
  draw(0, 0, [7, STOP]);
  draw(1, 0, [7, 7, 7]);
  draw(1, 1, [7, 7]);
  draw(1, 2, [8, STOP]);
  drawn.close(ids[0]!);
  t.strictSame(drawn.whole(5, decode), [
    { stream: 1, tokenIds: Int32Array.of(7, 7, 7), text: '7 7 7', tokens: 3, stopped: false },
    { stream: 1, tokenIds: Int32Array.of(8, STOP), text: '8 1', tokens: 2, stopped: true },
  ]);
});

t.test('plans that share a sampler end as each would alone', async (t) => {
  const run = async (plans: readonly SamplesPlan[], maxLoad: number) => {
    const drawn = new DrawnTokens([STOP]);
    const sampler = createSampler(fixturePolicy('gemma2'));
    const ended: number[] = [];
    await drive(
      plans.map((plan, index) => ({ index, plan })),
      {
        ...common,
        sampler,
        drawn,
        maxLoad,
        isInterrupted: () => false,
        onEnded: ({ index }) => void ended.push(index),
      },
    );
    sampler.release();
    return { ended, results: plans.map((plan) => plan.result()) };
  };
  const together = await run([votes(3), votes(4), votes(5)], 100);
  const inTurn = await run([votes(3), votes(4), votes(5)], 1);
  t.same(together.results, inTurn.results);
  t.same(inTurn.ended, [0, 1, 2]);
  t.same([...together.ended].sort(), [0, 1, 2]);
  t.equal(new Set(together.results.map(({ completion }) => completion)).size, 3, 'they differ');
});

/** A vote that ends with the first completion, whatever else is out. */
class FirstOnly extends SamplesPlan {
  #accepted = 0;

  override accept(...given: Parameters<SamplesPlan['accept']>): void {
    super.accept(...given);
    if (++this.#accepted === 1) this.interrupt();
    else throw new Error('a plan got completions after its end');
  }
}

t.test('a plan that has ended gets nothing of what it asked for besides', async (t) => {
  const sampler = createSampler(fixturePolicy('gemma2'));
  const plans = [10, 12].map((promptToken) => new FirstOnly({ ...OF_ONE_TOKEN, ...promptOf(promptToken) }));
  await drive(
    plans.map((plan, index) => ({ index, plan })),
    { ...common, sampler, drawn: new DrawnTokens([STOP]), maxLoad: 100, isInterrupted: () => false },
  );
  sampler.release();
  t.same(
    plans.map((plan) => plan.result().details),
    [{ completions: 1 }, { completions: 1 }],
  );
});
