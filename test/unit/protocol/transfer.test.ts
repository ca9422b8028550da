import t from 'tap';
import {
  isFiniteArray,
  messageBytes,
  tight,
  tightMessage,
  transferList,
} from '../../../src/protocol/index.js';
import { completionsSampled, groupCompleted, taskAssign } from '../../../src/testing/messages.js';

t.test('tight returns an array that owns its buffer unchanged', async (t) => {
  const own = Float32Array.of(1, 2);
  t.equal(tight(own), own);
});

t.test('tight copies a view, so that its neighbours stay behind', async (t) => {
  const whole = Int32Array.of(1, 2, 3, 4);
  const copy = tight(whole.subarray(1, 3));
  t.same(copy, Int32Array.of(2, 3));
  t.equal(copy.buffer.byteLength, 8);
  whole[1] = 99;
  t.equal(copy[0], 2, 'it is a copy');
});

t.test('tight takes a pooled Buffer and shared memory out of their pools', async (t) => {
  const pooled = tight(Buffer.from('hello'));
  t.equal(pooled.buffer.byteLength, 5);
  const shared = tight(new Float32Array(new SharedArrayBuffer(8)));
  t.notOk(shared.buffer instanceof SharedArrayBuffer);
});

t.test('a message of tight arrays is passed on as it is, with every buffer to transfer', async (t) => {
  const message = completionsSampled();
  t.equal(tightMessage(message), message);
  t.equal(transferList(message).length, 5, 'tokens, lengths, logProbs, supportLogMass, stopped');
  t.same(transferList(taskAssign()), []);
});

t.test('a view is copied first, then its copy is transferred and the source stays whole', async (t) => {
  const pool = new Float32Array(100).fill(-1);
  const message = tightMessage(completionsSampled({ logProbs: pool.subarray(10, 15) }));
  const received = structuredClone(message, { transfer: transferList(message) });
  t.same(received.logProbs, new Float32Array(5).fill(-1));
  t.equal(received.logProbs.buffer.byteLength, 20);
  t.equal(message.tokens.length, 0, 'what was tight is detached');
  t.equal(pool.length, 100, 'the pool is not');
});

t.test('two fields that share one buffer transfer it once', async (t) => {
  const zeros = new Float32Array(5);
  const message = completionsSampled({ logProbs: zeros, supportLogMass: zeros });
  t.equal(transferList(message).length, 4);
  t.doesNotThrow(() => structuredClone(message, { transfer: transferList(message) }));
});

t.test('an array that is not tight is never in the transfer list', async (t) => {
  const pool = new Float32Array(100);
  t.equal(transferList(completionsSampled({ logProbs: pool.subarray(0, 5) })).length, 4);
});

t.test('isFiniteArray finds one NaN or infinity anywhere', async (t) => {
  const values = Float32Array.of(3e38, -3e38, 0, 1e-45);
  t.ok(isFiniteArray(values));
  t.ok(isFiniteArray(new Float32Array(0)));
  for (const bad of [Number.NaN, Infinity, -Infinity])
    for (let i = 0; i < values.length; i++) t.notOk(isFiniteArray(values.with(i, bad)), `${bad} at ${i}`);
});

t.test('messageBytes counts arrays exactly and texts by length', async (t) => {
  const none = messageBytes(groupCompleted());
  t.equal(messageBytes(groupCompleted({ promptTokens: new Int32Array(2 + 1000) })) - none, 4000);
  t.equal(messageBytes(groupCompleted({ texts: ['abc', 'de'] })) - none, 10);
});
