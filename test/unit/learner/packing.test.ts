import t from 'tap';
import { type MicroBatch, type PackableGroup, packGroups } from '../../../src/learner/packing.js';
import { PADDED_KEY_POSITION } from '../../../src/model/packed-attention.js';
import { Random } from '../../../src/random.js';

const SEED = Number(process.env.TEST_SEED ?? 1);

/** Groups of 1 to 5 completions of 1 to 9 tokens; every token is unlike any other. */
function drawGroups(random: Random): PackableGroup[] {
  let next = 1;
  const tokens = (count: number): Int32Array => Int32Array.from({ length: count }, () => next++);
  return Array.from({ length: random.integer(1, 6) }, () => ({
    promptTokens: tokens(random.integer(1, 8)),
    completions: Array.from({ length: random.integer(1, 5) }, () => tokens(random.integer(1, 9))),
  }));
}

/** The tokens that packed token `index` attends to, itself last, found through its row. */
function contextOf({ inputs }: MicroBatch, index: number): { tokens: number[]; positions: number[] } {
  const [, width] = inputs.queryIndex!.shape as [number, number];
  const [, keyWidth] = inputs.keyIndex!.shape as [number, number];
  const place = inputs.unpad!.data[index]!;
  const row = Math.floor(place / width);
  const position = inputs.queryPositions!.data[place]!;
  const tokens: number[] = [];
  const positions: number[] = [];
  for (let k = row * keyWidth; k < (row + 1) * keyWidth; k++) {
    const keyPosition = inputs.keyPositions!.data[k]!;
    if (keyPosition > position) continue;
    tokens.push(inputs.tokenIds!.data[inputs.keyIndex!.data[k]!]!);
    positions.push(keyPosition);
  }
  return { tokens, positions };
}

t.test('every token is predicted once, from all tokens before it and no other', async (t) => {
  for (let trial = 0; trial < 60; trial++) {
    const random = new Random(SEED, 'packing', trial);
    const groups = drawGroups(random);
    const maxTokens = random.pick([1, 12, 30, 1000]);
    const seen = new Set<string>();
    let problems = 0;
    const expect = (condition: boolean): void => {
      if (!condition) problems++;
    };
    for (const batch of packGroups(groups, maxTokens)) {
      expect(batch.tokenCount === batch.inputs.tokenIds!.data.length);
      expect(batch.predictionCount === batch.predictors.length);
      let firstPrediction = 0;
      for (const packed of batch.completions) {
        const { promptTokens, completions } = groups[packed.group]!;
        const completion = completions[packed.completion]!;
        seen.add(`${packed.group} ${packed.completion}`);
        expect(packed.firstPrediction === firstPrediction && packed.length === completion.length);
        firstPrediction += packed.length;
        completion.forEach((target, i) => {
          const prediction = packed.firstPrediction + i;
          const before = [...promptTokens, ...completion.subarray(0, i)];
          const predictor = batch.predictors[prediction]!;
          const { tokens, positions } = contextOf(batch, predictor);
          expect(batch.targets[prediction] === target);
          expect(tokens.join() === before.join());
          expect(positions.every((position, k) => position === k));
          expect(batch.inputs.positions!.data[predictor] === before.length - 1);
        });
      }
      expect(firstPrediction === batch.predictionCount);
    }
    const all = groups.reduce((sum, { completions }) => sum + completions.length, 0);
    t.ok(problems === 0 && seen.size === all, `seed ${SEED}, trial ${trial}: ${problems} problems`);
  }
});

t.test('a micro-batch keeps to its limit, packs a prompt once, and never feeds a last token', async (t) => {
  for (let trial = 0; trial < 60; trial++) {
    const random = new Random(SEED, 'limits', trial);
    const groups = drawGroups(random);
    const maxTokens = random.integer(1, 60);
    let problems = 0;
    for (const batch of packGroups(groups, maxTokens)) {
      if (batch.tokenCount > maxTokens && batch.completions.length > 1) problems++;
      const expected: number[] = [];
      const started = new Set<number>();
      for (const { group, completion } of batch.completions) {
        if (!started.has(group)) expected.push(...groups[group]!.promptTokens);
        started.add(group);
        expected.push(...groups[group]!.completions[completion]!.subarray(0, -1));
      }
      if ([...batch.inputs.tokenIds!.data].sort().join() !== expected.sort().join()) problems++;
    }
    t.equal(problems, 0, `seed ${SEED}, trial ${trial}`);
  }
});

t.test('padded keys stand after every query', async (t) => {
  const [batch] = packGroups(
    [{ promptTokens: Int32Array.of(1, 2, 3), completions: [Int32Array.of(4, 5, 6, 7), Int32Array.of(8, 9)] }],
    100,
  );
  // Rows: the prompt (3 keys), then 3 + 3 keys, then 3 + 1.
  t.strictSame(batch!.inputs.keyIndex!.shape, [3, 6]);
  const padded = [...batch!.inputs.keyPositions!.data].filter((position) => position === PADDED_KEY_POSITION);
  t.equal(padded.length, 3 + 0 + 2);
  t.strictSame([...batch!.predictors], [2, 3, 4, 5, 2, 6]);
  t.strictSame([...batch!.targets], [4, 5, 6, 7, 8, 9]);
});

t.test('no group gives no micro-batch', async (t) => {
  t.strictSame(packGroups([], 10), []);
  t.strictSame(packGroups([{ promptTokens: Int32Array.of(1), completions: [] }], 10), []);
});

/** Prompt and longest completion. */
const lengthOf = ({ promptTokens, completions }: PackableGroup): number =>
  promptTokens.length + Math.max(0, ...completions.map((each) => each.length));

/** The groups in the order in which they are packed. */
const packedOrder = (batches: readonly MicroBatch[]): number[] => [
  ...new Set(batches.flatMap(({ completions }) => completions.map(({ group }) => group))),
];

t.test('groups come from short to long, equal ones in their own order, completions in theirs', async (t) => {
  for (let trial = 0; trial < 60; trial++) {
    const random = new Random(SEED, 'order', trial);
    const groups = drawGroups(random);
    const batches = packGroups(groups, random.pick([1, 12, 30, 1000]));
    const expected = groups
      .map((group, i) => ({ i, length: lengthOf(group) }))
      .sort((a, b) => a.length - b.length || a.i - b.i)
      .map(({ i }) => i);
    t.strictSame(packedOrder(batches), expected, `seed ${SEED}, trial ${trial}`);
    for (const [group, { completions }] of groups.entries()) {
      const packed = batches.flatMap((batch) => batch.completions.filter((each) => each.group === group));
      if (packed.some(({ completion }, i) => completion !== i) || packed.length !== completions.length)
        t.fail(`seed ${SEED}, trial ${trial}: completions of group ${group}`);
    }
  }
});

t.test('rows of one length pad nothing, wherever their groups stand in the batch', async (t) => {
  const group = (length: number, from: number): PackableGroup => ({
    promptTokens: Int32Array.from({ length }, (_, i) => from + i),
    completions: [Int32Array.of(from + 90, from + 91)],
  });
  const groups = [8, 2, 8, 2, 8, 2].map((length, i) => group(length, 100 * i));
  const batches = packGroups(groups, 9);
  t.strictSame(packedOrder(batches), [1, 3, 5, 0, 2, 4]);
  // Three short rows of 3 tokens, then long ones of 9 alone.
  t.strictSame(
    batches.map(({ inputs }) => inputs.queryIndex!.shape),
    [
      [3, 3],
      [1, 9],
      [1, 9],
      [1, 9],
    ],
  );
  for (const { tokenCount } of batches) t.equal(tokenCount, 9, 'every place is used');
});

t.test('the cut depends on the batch alone: equal batches are packed into equal bits', async (t) => {
  for (let trial = 0; trial < 20; trial++) {
    const draw = () => drawGroups(new Random(SEED, 'repeat', trial));
    const groups = draw();
    const maxTokens = 1 + 7 * trial;
    const before = JSON.stringify(groups);
    const batches = packGroups(groups, maxTokens);
    t.strictSame(packGroups(draw(), maxTokens), batches, `seed ${SEED}, trial ${trial}`);
    t.equal(JSON.stringify(groups), before, 'and leaves it as it was');
  }
});

t.test('the order of the groups changes no sequence', async (t) => {
  const groups = drawGroups(new Random(SEED, 'permuted'));
  const reversed = [...groups].reverse();
  const sequences = (batches: readonly MicroBatch[], of: readonly PackableGroup[]): string[] =>
    batches
      .flatMap((batch) =>
        batch.completions.map(({ group, firstPrediction, length }) =>
          [
            ...of[group]!.promptTokens,
            '>',
            ...batch.targets.subarray(firstPrediction, firstPrediction + length),
          ].join(),
        ),
      )
      .sort();
  t.strictSame(sequences(packGroups(reversed, 20), reversed), sequences(packGroups(groups, 20), groups));
});
