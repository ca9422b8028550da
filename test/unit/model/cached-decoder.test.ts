import t from 'tap';
import { decodeLogitsGraph, prefillGraph } from '../../../src/sampling/decode-graph.js';
import { KvCache } from '../../../src/sampling/kv-cache.js';
import { type Executable, integers } from '../../../src/tensor/runtime.js';
import {
  FAMILIES,
  fixturePolicy,
  maxDifference,
  reference,
  runtime,
  type TinyPolicy,
} from '../../kit/tiny-policies.js';

const TOLERANCE = 3e-5; // measured: 6e-6, with logits of up to 7
const CAPACITY = 40; // more positions than any sequence has

/** Feeds one token to every slot, at its own position; gives the logits of each slot. */
function step(
  decode: Executable,
  { config, weights }: TinyPolicy,
  cache: KvCache,
  tokens: readonly number[],
  positions: readonly number[],
): Float32Array[] {
  const slots = tokens.length;
  const inputs = {
    ...weights.values,
    ...cache.inputs,
    tokenIds: integers(tokens, [slots]),
    lastPositions: integers(positions, [slots]),
    longest: integers([Math.max(...positions) + 1], [1]),
  };
  const logits = decode.run(inputs, cache.outputs).logits!.data as Float32Array;
  const vocab = config.vocabSize;
  return tokens.map((_, slot) => logits.slice(slot * vocab, (slot + 1) * vocab));
}

for (const family of FAMILIES) {
  const policy = fixturePolicy(family);
  const { config, weights } = policy;
  const { sequences, logits } = reference(family);
  const slots = sequences.length;
  const decode = runtime.compile(decodeLogitsGraph(config, weights.layout, slots, CAPACITY));
  const prefill = runtime.compile(prefillGraph(config, weights.layout, CAPACITY));

  t.test(`${family}: token by token, slots of unequal lengths have transformers' logits`, async (t) => {
    const cache = new KvCache(config, slots, CAPACITY);
    let worst = 0;
    for (let time = 0; time < sequences[0]!.length; time++) {
      // A sequence that is over feeds its last token again, as its cache allows.
      const positions = sequences.map((tokens) => Math.min(time, tokens.length - 1));
      const tokens = positions.map((position, slot) => sequences[slot]![position]!);
      const rows = step(decode, policy, cache, tokens, positions);
      rows.forEach((row, slot) => {
        worst = Math.max(worst, maxDifference(row, logits(slot, positions[slot]!)));
      });
    }
    t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });

  t.test(
    `${family}: slots that start at different times, over leftovers, have transformers' logits`,
    async (t) => {
      const cache = new KvCache(config, slots, CAPACITY);
      for (const { data } of Object.values(cache.inputs)) data.fill(99); // what an earlier sequence may have left
      const starts = [3, 0, 8];
      let worst = 0;
      for (let time = 0; time < 3 + sequences[0]!.length; time++) {
        const isActive = sequences.map(
          (tokens, slot) => time >= starts[slot]! && time < starts[slot]! + tokens.length,
        );
        const positions = isActive.map((active, slot) => (active ? time - starts[slot]! : 0));
        const tokens = positions.map((position, slot) => (isActive[slot] ? sequences[slot]![position]! : 0));
        const rows = step(decode, policy, cache, tokens, positions);
        rows.forEach((row, slot) => {
          if (isActive[slot]) worst = Math.max(worst, maxDifference(row, logits(slot, positions[slot]!)));
        });
      }
      t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
    },
  );

  t.test(`${family}: a prefilled prompt continues as if it had been fed token by token`, async (t) => {
    let worst = 0;
    sequences.forEach((sequence, s) => {
      for (const length of [1, 7, sequence.length - 1]) {
        const prefix = new KvCache(config, 1, CAPACITY);
        prefill.run(
          {
            ...weights.values,
            ...prefix.inputs,
            tokenIds: integers(sequence.slice(0, length), [length]),
            lastPositions: integers([length - 1], [1]),
            longest: integers([length], [1]),
          },
          prefix.outputs,
        );
        const cache = new KvCache(config, slots, CAPACITY);
        for (const { data } of Object.values(cache.inputs)) data.fill(99);
        cache.copy(prefix, { from: 0, to: 1, length });
        for (let position = length; position < sequence.length; position++) {
          const rows = step(decode, policy, cache, [0, sequence[position]!, 0], [0, position, 0]);
          worst = Math.max(worst, maxDifference(rows[1]!, logits(s, position)));
        }
      }
    });
    t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });
}

t.test('the fixtures decode past their sliding windows', async (t) => {
  for (const family of ['gemma2', 'qwen2'] as const) {
    const { config } = fixturePolicy(family);
    t.equal(config.slidingWindow, 8);
    t.ok(config.layerIsSliding.includes(true) && config.layerIsSliding.includes(false), family);
    t.ok(reference(family).sequences.every((tokens) => tokens.length > 8));
  }
});
