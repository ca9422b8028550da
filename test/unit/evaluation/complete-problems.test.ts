/** Completions of problems: what is told of them while they come. */
import t from 'tap';
import { completeProblems } from '../../../src/evaluation/complete-problems.js';
import { createSampler } from '../../kit/sampling.js';
import { fixturePolicy } from '../../kit/tiny-policies.js';

const decoding = {
  capacity: 48,
  temperature: 1,
  sampleCount: 1,
  seed: 1,
  maxTokens: 5,
  decode: (tokens: Int32Array): string => tokens.join(' '),
};
const prompts = [10, 11, 12].map((token) => Int32Array.of(2, token));

t.test('a problem is done when it has its completions, not when it is given up', async (t) => {
  const whole: number[] = [];
  const sampler = createSampler(fixturePolicy('gemma2'));
  await completeProblems(sampler, prompts, decoding, { onProgress: (done) => void whole.push(done) });
  sampler.release();
  t.same(whole, [1, 2, 3]);

  const cut: number[] = [];
  const controller = new AbortController();
  const interrupted = createSampler(fixturePolicy('gemma2'), { onToken: () => controller.abort() });
  const listeners = { onProgress: (done: number) => void cut.push(done), signal: controller.signal };
  await t.rejects(completeProblems(interrupted, prompts, decoding, listeners), { name: 'AbortError' });
  interrupted.release();
  t.same(cut, []);
});
