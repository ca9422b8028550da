/** Faults under a growing tree: what fails once changes no bit, what fails twice costs that tree and no other. */
import t from 'tap';
import { completionsSampled } from '../../../src/testing/messages.js';
import { settle } from '../../../src/testing/settle.js';
import { spawnProbe } from '../../../src/testing/systems.js';
import {
  answerOf,
  bitsOfGroup,
  makeSearcher,
  onlyGroup,
  referenceTree,
  SAMPLERS,
  scoreWords,
} from '../../kit/searching.js';

const reference = referenceTree();

t.test('a request that fails once is made again with the same numbers, and changes no bit', async (t) => {
  const broken: Record<string, (made: ReturnType<typeof makeSearcher>) => Promise<unknown>> = {
    'the sampler fails': async ({ reply, open }) => {
      const [request] = open();
      await reply(request!, {
        kind: 'completions.failed',
        requestId: request!.requestId,
        detail: 'no memory',
      });
    },
    'the sampler ends': async ({ system }) => system.stop(SAMPLERS[0]),
    'the sampler says nothing': async ({ clock }) => clock.advance(1001),
  };
  for (const [name, breakOnce] of Object.entries(broken)) {
    const made = makeSearcher();
    const { requests, reply, open, learner, serve, eventsOf } = made;
    made.assign({ taskId: 'a', promptIndex: 0 });
    await settle(2);
    await reply(open()[0]!);
    const before = open().map(({ stream }) => stream);
    const lost = open()[0]!;
    await breakOnce(made);
    await settle(2);
    const again = requests().filter(({ stream }) => stream === lost.stream);
    t.equal(again.length, 2, name);
    t.ok(before.length > 1 && again[0]!.requestId !== again[1]!.requestId);
    const numbers = ({ requestId: _, ...request }: (typeof again)[number]) => request;
    t.same(numbers(again[1]!), numbers(again[0]!));
    await serve();
    t.equal(bitsOfGroup(onlyGroup(learner)), await reference, name);
    t.ok(eventsOf('tree.ended')[0]!.metrics.failed_requests! >= 1);
  }
});

t.test('a scorer that fails once costs nothing; twice, the tree', async (t) => {
  const failing = (times: number) => {
    let calls = 0;
    return makeSearcher({
      score: async (batch) => {
        calls++;
        if (calls === 2 || (calls === 3 && times === 2)) throw new Error('out of order');
        return scoreWords(batch);
      },
    });
  };
  const once = failing(1);
  once.assign({ taskId: 'a', promptIndex: 0 });
  await once.serve();
  t.equal(bitsOfGroup(onlyGroup(once.learner)), await reference);

  const twice = failing(2);
  twice.assign({ taskId: 'a', promptIndex: 0, groupSize: 12 });
  await settle(2);
  await twice.reply(twice.open()[0]!);
  await twice.reply(twice.open()[0]!);
  await settle();
  t.match(twice.learner, [
    {
      kind: 'group.cancelled',
      taskId: 'a',
      endsTask: true,
      reason: 'scorer_error',
      detail: /failed twice: out of order/,
    },
  ]);
  const [ended] = twice.eventsOf('tree.ended');
  t.match(ended!.metrics, { stop_cancelled: 1, failed_requests: 2 });
  t.ok(ended!.metrics.cancelled! > 0, 'what was under way is counted');
  for (const request of twice.open()) await twice.reply(request);
  await settle();
  t.equal(twice.learner.length, 1, 'late answers are told to no one');
  t.ok(twice.eventsOf('warning').length > 0, 'but to observers');
});

t.test('a tree with a completion that was not scored is cancelled', async (t) => {
  const made = makeSearcher({
    score: async (batch) => ({ ...(await scoreWords(batch)), scored: new Uint8Array(batch.length) }),
  });
  made.assign({ taskId: 'a', promptIndex: 0 });
  await settle(2);
  await made.reply(made.open()[0]!);
  await settle();
  t.match(made.learner, [
    { kind: 'group.cancelled', reason: 'scorer_error', detail: /^\d of \d completions were not scored$/ },
  ]);
});

t.test('every way to lose a tree is told to the learner once, with the reason', async (t) => {
  const fail = (): never => {
    throw new Error('too long');
  };
  type Case = [
    Parameters<typeof makeSearcher>[0],
    (made: ReturnType<typeof makeSearcher>) => unknown,
    object,
  ];
  const ways: Record<string, Case> = {
    'a prompt that cannot be encoded': [
      { encodePrompt: fail },
      () => {},
      { reason: 'sampler_error', detail: 'too long' },
    ],
    'no sampler at all': [
      { samplers: [] },
      () => {},
      { reason: 'sampler_error', detail: /no sampler is left/ },
    ],
    'completions that cannot be decoded': [
      { decode: fail },
      async ({ open, reply }) => reply(open()[0]!),
      { reason: 'sampler_error', detail: 'too long' },
    ],
    'a sampler that fails twice': [
      {},
      async ({ open, reply }) => {
        for (let i = 0; i < 2; i++) {
          const [request] = open();
          await reply(request!, {
            kind: 'completions.failed',
            requestId: request!.requestId,
            detail: 'no memory',
          });
        }
      },
      { reason: 'sampler_error', detail: 'a/0 failed twice: no memory' },
    ],
    'both samplers end': [
      {},
      async ({ system }) => {
        for (const path of SAMPLERS) await system.stop(path);
      },
      { reason: 'sampler_error' },
    ],
    'no answer in time, twice': [
      {},
      async ({ clock }) => {
        clock.advance(1001);
        await settle();
        clock.advance(1001);
      },
      { reason: 'sampler_error', detail: /failed twice: main\/sampler-1 did not answer within 1000 ms/ },
    ],
    'a scorer that hangs': [
      { score: () => new Promise(() => {}) },
      async ({ clock, open, reply }) => {
        await reply(open()[0]!);
        for (let i = 0; i < 2; i++) {
          clock.advance(1001);
          await settle();
        }
      },
      {
        reason: 'scorer_error',
        detail: /a\/0\/scores failed twice: main\/scorer did not answer within 1000 ms/,
      },
    ],
    'the policy changes under a tree': [
      {},
      async ({ open, reply }) => {
        await reply(open()[0]!);
        await reply(open()[0]!, answerOf(open()[0]!, 5));
      },
      { reason: 'sampler_error', detail: /versions 4 and 5/ },
    ],
    'a budget too small for one completion': [
      { budget: () => ({ maxRollouts: 4, maxTokens: 3 }) },
      () => {},
      { reason: 'sampler_error', detail: /budget_too_small/ },
    ],
    'more tokens than were asked for': [
      {},
      async ({ open, reply }) => {
        const [request] = open();
        const { requestId, sampleCount } = request!;
        const count = 25 * sampleCount;
        const arrays = {
          tokens: new Int32Array(count).fill(5),
          lengths: new Int32Array(sampleCount).fill(25),
        };
        const numbers = { logProbs: new Float32Array(count), supportLogMass: new Float32Array(count) };
        const stopped = new Uint8Array(sampleCount);
        await reply(request!, completionsSampled({ requestId, ...arrays, ...numbers, stopped }));
      },
      { reason: 'sampler_error', detail: /expected at most 24/ },
    ],
  };
  for (const [name, [change, lose, expected]] of Object.entries(ways)) {
    const made = makeSearcher(change);
    made.assign({ taskId: 'a', promptIndex: 2 });
    await settle(2);
    await lose(made);
    await settle();
    const wanted = {
      kind: 'group.cancelled',
      groupId: 'a',
      taskId: 'a',
      promptIndex: 2,
      endsTask: true,
      ...expected,
    };
    t.match(made.learner, [wanted], name);
    t.equal(made.learner.length, 1, name);
    t.ok(made.eventsOf('tree.ended').length <= 1, name);
  }
});

t.test('a lost tree costs no other', async (t) => {
  const made = makeSearcher();
  made.assign({ taskId: 'a', promptIndex: 0 });
  made.assign({ taskId: 'b', promptIndex: 1 });
  await settle(2);
  for (let i = 0; i < 2; i++) {
    const request = made.open().find(({ requestId }) => requestId.startsWith('b/'))!;
    await made.reply(request, {
      kind: 'completions.failed',
      requestId: request.requestId,
      detail: 'no memory',
    });
  }
  await made.serve();
  t.match(made.learner[0], { kind: 'group.cancelled', taskId: 'b' });
  t.equal(bitsOfGroup(onlyGroup(made.learner.slice(1))), await reference);
});

t.test('a searcher that ends gives its trees back, and nothing of them to the learner', async (t) => {
  const { system, assign, learner } = makeSearcher();
  const dispatcher = spawnProbe(system, 'main/system'); // whom a test's messages come from
  assign({ taskId: 'a', promptIndex: 2 });
  await settle(2);
  await system.stop('main/searcher');
  await settle();
  t.match(dispatcher, [
    { kind: 'task.returned', taskId: 'a', promptIndex: 2, detail: /^main\/searcher ended: / },
  ]);
  t.same(learner, []);
});
