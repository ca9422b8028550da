/** Evaluation over samplers that are probes: who is asked what, and what is made of the answers. */
import t from 'tap';
import { Evaluator } from '../../../src/actors/evaluator.js';
import type { CompletionsRequest, Message } from '../../../src/protocol/index.js';
import { completionsSampled } from '../../../src/testing/messages.js';
import { settle } from '../../../src/testing/settle.js';
import { makeSystem, spawnProbe } from '../../../src/testing/systems.js';

const PROMPTS = [1, 2, 3, 4].map((token) => Int32Array.of(token));

function makeEvaluator() {
  const { system } = makeSystem();
  const paths = ['main/sampler-0', 'main/sampler-1'];
  const seen = paths.map((path) => spawnProbe(system, path));
  const progress: string[] = [];
  const evaluator = new Evaluator({
    samplers: paths,
    maxTokens: 7,
    openEdge: (edge) => system.openEdge(edge),
    onProgress: (done, total) => void progress.push(`${done}/${total}`),
  });
  system.spawn('main/evaluator', evaluator.create);
  const requests = (sampler: number) => seen[sampler]!.filter(isRequest);
  /** Answers with the prompt's own token, twice. */
  const answer = ({ requestId, promptTokens }: CompletionsRequest) => {
    const token = promptTokens[0]!;
    const tokens = Int32Array.of(token, token);
    const arrays = { logProbs: new Float32Array(2), supportLogMass: new Float32Array(2) };
    const message = { requestId, tokens, lengths: Int32Array.of(2), stopped: Uint8Array.of(1), ...arrays };
    system.tell('main/evaluator', completionsSampled(message));
  };
  return { system, evaluator, requests, answer, progress };
}

const isRequest = (message: Message): message is CompletionsRequest => message.kind === 'completions.request';
const twice = (token: number) => Int32Array.of(token, token);

t.test('prompts are dealt to the samplers, decoded greedily, and answered in their order', async (t) => {
  const { evaluator, requests, answer, progress } = makeEvaluator();
  const running = evaluator.complete(PROMPTS);
  t.same(progress, ['0/4'], 'the beginning is shown');
  await settle();
  t.match(requests(0), [{ promptIndex: 0 }, { promptIndex: 2 }]);
  const greedy = { purpose: 'evaluation', sampleCount: 1, maxTokens: 7, temperature: 0, topK: 0, topP: 1 };
  t.match(requests(1), [
    { promptIndex: 1, ...greedy },
    { promptIndex: 3, ...greedy },
  ]);
  for (const request of [...requests(1), ...requests(0)].reverse()) answer(request);
  t.same(await running, [1, 2, 3, 4].map(twice));
  t.same(progress, ['0/4', '1/4', '2/4', '3/4', '4/4']);
  t.equal(PROMPTS[0]!.length, 1, 'prompts stay with the caller');
});

t.test('a request that failed goes to another sampler once, then it gives null', async (t) => {
  const { system, evaluator, requests, answer } = makeEvaluator();
  const running = evaluator.complete(PROMPTS.slice(0, 2));
  await settle();
  const fail = ({ requestId }: CompletionsRequest) =>
    system.tell('main/evaluator', { kind: 'completions.failed', requestId, detail: 'no' });
  fail(requests(1)[0]!);
  await settle();
  t.match(requests(0)[1], { promptIndex: 1, temperature: 0 });
  answer(requests(0)[0]!);
  fail(requests(0)[1]!);
  t.same(await running, [twice(1), null]);
});

t.test('an evaluation that failed on every prompt is none', async (t) => {
  const { system, evaluator, requests } = makeEvaluator();
  const failed = t.rejects(evaluator.complete(PROMPTS), {
    code: 'ENGINE',
    message: /could decode.*: out of order/,
  });
  const told = new Set<string>();
  for (let attempt = 0; attempt < 2; attempt++) {
    await settle();
    for (const { requestId } of [...requests(0), ...requests(1)].filter(
      (each) => !told.has(each.requestId),
    )) {
      told.add(requestId);
      system.tell('main/evaluator', { kind: 'completions.failed', requestId, detail: 'out of order' });
    }
  }
  await failed;
  t.equal(told.size, 8);
});

t.test('the prompts of a sampler that ends go to another one, once', async (t) => {
  const { system, evaluator, requests, answer } = makeEvaluator();
  const running = evaluator.complete(PROMPTS);
  await settle();
  answer(requests(1)[0]!);
  await settle();
  await system.stop('main/sampler-1');
  await settle();
  t.same(
    requests(0).map(({ promptIndex }) => promptIndex),
    [0, 2, 3],
  );
  answer(requests(1)[1]!); // was on its way
  for (const request of requests(0)) answer(request);
  t.same(await running, [1, 2, 3, 4].map(twice));
});

t.test('without a sampler an evaluation fails, under way or before it begins', async (t) => {
  const { system, evaluator } = makeEvaluator();
  const failed = t.rejects(evaluator.complete(PROMPTS), {
    code: 'TERMINATED',
    message: /no sampler is left/,
  });
  await settle();
  await system.stop('main/sampler-0');
  await system.stop('main/sampler-1');
  await failed;
  await t.rejects(evaluator.complete(PROMPTS), { code: 'TERMINATED' });
});

t.test('one evaluation at a time', async (t) => {
  const { evaluator, requests, answer } = makeEvaluator();
  const running = evaluator.complete(PROMPTS.slice(0, 1));
  t.throws(() => evaluator.complete(PROMPTS), { code: 'INTERNAL' });
  await settle();
  answer(requests(0)[0]!);
  await running;
  const again = evaluator.complete(PROMPTS.slice(0, 1));
  await settle();
  answer(requests(0)[0]!); // of the first round: not taken for the second
  answer(requests(0)[1]!);
  t.same(await again, [twice(1)]);
});
