/** Sampling for a plan of `solve`: what an interruption stops, and what it leaves. */
import t from 'tap';
import { DrawnTokens, drive } from '../../../src/solve/drive.js';
import { VotePlan } from '../../../src/solve/vote-plan.js';
import { createSampler } from '../../kit/sampling.js';
import { fixturePolicy } from '../../kit/tiny-policies.js';

const STOP = 1;
const decode = (tokens: Int32Array): string => tokens.join(' ');

/** A vote of eight, interrupted when so many tokens have been drawn. */
async function interruptedAt(tokens: number) {
  const plan = new VotePlan({
    promptTokens: Int32Array.of(2, 10, 11),
    ...{ samples: 8, budget: 1000, maxTokens: 40, atOnce: 8 },
  });
  const drawn = new DrawnTokens([STOP]);
  const sampler = createSampler(fixturePolicy('gemma2'), {
    onToken: (requestId, sample, token) => drawn.draw(Number(requestId), sample, token),
  });
  const { counters } = sampler;
  await drive({
    ...{ plan, sampler, drawn, seed: 1, temperature: 1, decode, onEvent: () => {} },
    isInterrupted: () => counters.tokens >= tokens,
  });
  sampler.release();
  return { outcome: plan.outcome()!, steps: counters.steps, sampled: counters.tokens };
}

t.test('no token is sampled after an interruption', async (t) => {
  t.match(await interruptedAt(0), {
    steps: 0,
    sampled: 0,
    outcome: { stop: 'interrupted', completion: null },
  });
  t.match(await interruptedAt(17), { steps: 3, sampled: 24, outcome: { stop: 'interrupted', tokens: 0 } });
  const whole = await interruptedAt(1001);
  t.match(whole.outcome, { tokens: whole.sampled, details: { completions: 8 } });
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
  const request = { promptTokens: Int32Array.of(2), sampleCount: 4, maxTokens: 3 };
  for (const stream of [0, 1]) drawn.open({ ...request, stream });
  const draw = (stream: number, sample: number, tokens: readonly number[]): void => {
    for (const token of tokens) drawn.draw(stream, sample, token);
  };
  draw(0, 0, [7, STOP]);
  draw(1, 0, [7, 7, 7]);
  draw(1, 1, [7, 7]);
  draw(1, 2, [8, STOP]);
  drawn.close(0);
  t.strictSame(drawn.whole(decode), [
    { stream: 1, tokenIds: Int32Array.of(7, 7, 7), text: '7 7 7', tokens: 3, stopped: false },
    { stream: 1, tokenIds: Int32Array.of(8, STOP), text: '8 1', tokens: 2, stopped: true },
  ]);
});
