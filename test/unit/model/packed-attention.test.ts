import t from 'tap';
import { type PackableGroup, packGroups } from '../../../src/learner/packing.js';
import { decode, logitsOf, outputTable, parameterInputs } from '../../../src/model/decoder.js';
import { packedAttention } from '../../../src/model/packed-attention.js';
import { Graph } from '../../../src/tensor/graph.js';
import {
  FAMILIES,
  type Family,
  fixturePolicy,
  maxDifference,
  reference,
  runtime,
} from '../../kit/tiny-policies.js';

const TOLERANCE = 3e-5; // measured: 6e-6, with logits of up to 7
const NEXT = 0; // a last token is predicted but never fed: stands for whatever would follow a fixture's sequence

/** Logits of every packed token, in packed order. */
function packedLogits(family: Family): (groups: readonly PackableGroup[]) => readonly Float32Array[] {
  const { config, weights } = fixturePolicy(family);
  const graph = new Graph();
  const parameter = parameterInputs(graph, weights.layout);
  const { tokenIds, attend } = packedAttention(graph, config, config.maxPositions);
  const hidden = decode(config, parameter, tokenIds, attend);
  graph.output('logits', logitsOf(config, hidden, outputTable(config, parameter)));
  const executable = runtime.compile(graph);
  return (groups) => {
    const batches = packGroups(groups, Number.POSITIVE_INFINITY);
    if (batches.length !== 1) throw new Error(`expected one micro-batch, got ${batches.length}`);
    const { inputs, tokenCount } = batches[0]!;
    const logits = executable.run({ ...weights.values, ...inputs }).logits!.data as Float32Array;
    const vocab = config.vocabSize;
    return Array.from({ length: tokenCount }, (_, i) => logits.subarray(i * vocab, (i + 1) * vocab));
  };
}

const followedBy = (tokens: Int32Array): Int32Array => Int32Array.of(...tokens, NEXT);

/** Sequences with their numbers as packing orders groups: by length. */
const inPackedOrder = (sequences: readonly Int32Array[]): [Int32Array, number][] =>
  sequences
    .map((tokens, s): [Int32Array, number] => [tokens, s])
    .sort(([a, i], [b, j]) => a.length - b.length || i - j);

for (const family of FAMILIES) {
  const run = packedLogits(family);
  const { sequences, logits } = reference(family);

  t.test(`${family}: sequences of unequal lengths in one pack have transformers' logits`, async (t) => {
    const groups = sequences.map((tokens) => ({ promptTokens: tokens, completions: [Int32Array.of(NEXT)] }));
    const packed = run(groups);
    let row = 0;
    let worst = 0;
    inPackedOrder(sequences).forEach(([tokens, s]) => {
      for (let i = 0; i < tokens.length; i++) {
        worst = Math.max(worst, maxDifference(packed[row++]!, logits(s, i)));
      }
    });
    t.equal(row, packed.length);
    t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });

  t.test(`${family}: a completion that reads a shared prompt has transformers' logits`, async (t) => {
    // The fixture's sequences share no prompt, so each is offered twice: once as it is, once cut short.
    const promptLength = 5;
    const groups = sequences.map((tokens) => ({
      promptTokens: tokens.slice(0, promptLength),
      completions: [
        followedBy(tokens.subarray(promptLength, promptLength + 3)),
        followedBy(tokens.subarray(promptLength)),
      ],
    }));
    const packed = run(groups);
    let row = 0;
    let worst = 0;
    inPackedOrder(sequences).forEach(([tokens, s]) => {
      const positions = [
        ...Array.from({ length: promptLength + 3 }, (_, i) => i),
        ...Array.from({ length: tokens.length - promptLength }, (_, i) => promptLength + i),
      ];
      for (const position of positions)
        worst = Math.max(worst, maxDifference(packed[row++]!, logits(s, position)));
    });
    t.equal(row, packed.length);
    t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });

  t.test(`${family}: completions of one prompt do not see each other`, async (t) => {
    const promptTokens = sequences[1]!.slice(0, 6);
    const completions = [sequences[0]!, sequences[2]!, sequences[1]!.slice(3, 4)].map(followedBy);
    const together = run([{ promptTokens, completions }]);
    const apart = completions.flatMap((completion, i) => {
      const own = run([{ promptTokens, completions: [completion] }]);
      return i === 0 ? own : own.slice(promptTokens.length);
    });
    t.equal(together.length, apart.length);
    const worst = Math.max(...together.map((row, i) => maxDifference(row, apart[i]!)));
    t.ok(worst <= TOLERANCE, `largest difference ${worst}`);
  });
}
