/**
 * An integration test over the message protocol: one actor on a clock of the test's own, with the test in the place of everybody it
 * talks to. No thread, no policy, no waiting.
 *
 * The forward actor is told to work on a problem. It asks a sampler, which the test is; it asks a scorer, which is the real one; and the
 * learner, which the test is too, gets one group. Then the same with a sampler that fails.
 */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import {
  completionsSampled,
  createForward,
  createScorer,
  type Message,
  type MessageOf,
  makeSystem,
  SamplesPlan,
  scoreBatch,
  settle,
  spawnProbe,
  taskAssign,
} from 'dialectic/testing';

const SAMPLING = { maxTokens: 50, temperature: 1, topK: 0, topP: 1 };
const SAMPLERS = ['main/sampler-0', 'main/sampler-1'];
/** A tokenizer of three tokens. */
const TEXTS = ['', '<reasoning>1 + 1 = 2.</reasoning>', '<answer>2</answer>'];
const decode = (tokens: Int32Array): string => Array.from(tokens, (token) => TEXTS[token] ?? '').join('');

/** A forward actor among probes, which keep what they are told. */
function setUp() {
  const { clock, system } = makeSystem();
  const samplers = SAMPLERS.map((path) => spawnProbe(system, path));
  const learner = spawnProbe(system, 'main/learner');
  system.spawn('main/scorer', createScorer({ score: async (batch) => scoreBatch(batch) }));
  const openEdge = system.openEdge.bind(system);
  const edges = { samplers: SAMPLERS, scorers: ['main/scorer'], sampling: SAMPLING, decode, clock, openEdge };
  const forward = createForward(
    { ...edges, requestDeadlineMs: 1000, warn: () => {} },
    {
      learner: 'main/learner',
      openEdge,
      planOf: ({ groupSize: samples }) => ({
        plan: new SamplesPlan({
          role: 'forward',
          promptTokens: Int32Array.of(1),
          samples,
          samplesPerRequest: samples,
          firstStream: 0,
          budget: 1000,
          maxTokens: SAMPLING.maxTokens,
          atOnce: 1,
        }),
      }),
      emit: (event) => system.emit(event),
      keepTexts: () => true,
    },
  );
  system.spawn('main/forward', forward);
  const requests = () => samplers.map((seen) => seen.filter(isRequest));
  return { system, clock, learner, requests };
}

const isRequest = (message: Message): message is MessageOf<'completions.request'> =>
  message.kind === 'completions.request';

/** Two completions: one is right and well-formed, the other says nothing. */
const answer = (requestId: string) =>
  completionsSampled({ requestId, tokens: Int32Array.of(1, 2, 0, 0, 0), lengths: Int32Array.of(3, 2) });

export async function aTaskBecomesOneScoredGroup(): Promise<void> {
  const { system, learner, requests } = setUp();
  system.tell('main/forward', taskAssign({ taskId: 'a', groupSize: 2 }));
  await settle();
  const [[request]] = requests() as [MessageOf<'completions.request'>[]];
  assert.equal(request?.sampleCount, 2);
  system.tell('main/forward', answer(request.requestId));
  await settle();
  const [group] = learner as [MessageOf<'group.completed'>];
  assert.equal(group.kind, 'group.completed');
  assert.deepEqual(group.rewardNames, ['answer', 'format']);
  assert.deepEqual([...group.rewards], [1, 0, 1, 0]);
}

export async function aSamplerThatFailsIsReplacedByAnother(): Promise<void> {
  const { system, learner, requests } = setUp();
  system.tell('main/forward', taskAssign({ taskId: 'a', groupSize: 2 }));
  await settle();
  await system.stop('main/sampler-0');
  await settle();
  const [[first], [second]] = requests() as [
    MessageOf<'completions.request'>[],
    MessageOf<'completions.request'>[],
  ];
  assert.equal(second?.stream, first?.stream, 'the same random numbers');
  system.tell('main/forward', answer(second!.requestId));
  await settle();
  assert.equal(learner[0]?.kind, 'group.completed');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await aTaskBecomesOneScoredGroup();
  await aSamplerThatFailsIsReplacedByAnother();
  console.log('2 passed');
}
