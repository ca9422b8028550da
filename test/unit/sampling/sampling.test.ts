import t from 'tap';
import { Random } from '../../../src/random.js';
import { drawFilteredToken, drawToken } from '../../../src/sampling/sampling.js';
import { Graph } from '../../../src/tensor/graph.js';
import { createOnnxRuntime } from '../../../src/tensor/onnxruntime.js';
import { floats } from '../../../src/tensor/runtime.js';
import { runtime } from '../../kit/tiny-policies.js';

const SEED = Number(process.env.TEST_SEED ?? 1);
const LARGEST_UNIFORM = 1 - 2 ** -24;
/** Float sums of a few hundred weights are this far from the exact ones, at most. */
const ROUNDING = 2e-6;

interface Filter {
  readonly keepCount: number;
  readonly keepMass: number;
}

interface Drawn {
  readonly token: number;
  readonly logProb: number;
  readonly supportLogMass: number;
}

/** Draws from one row of logits at many uniforms. */
function draw(
  logits: readonly number[],
  temperature: number,
  uniforms: readonly number[],
  filter?: Filter,
  engine = runtime,
): Drawn[] {
  const [rows, vocab] = [uniforms.length, logits.length];
  const graph = new Graph();
  const table = graph.input('logits', 'float32', [rows, vocab]);
  const uniform = graph.input('uniform', 'float32', [rows]);
  const inverse = graph.constant(new Float32Array(rows).fill(1 / temperature), [rows]);
  const counts = graph.constant(new Int32Array(rows).fill(filter?.keepCount ?? 0), [rows]);
  const masses = graph.constant(new Float32Array(rows).fill(filter?.keepMass ?? 0), [rows]);
  const drawn = filter
    ? drawFilteredToken(table, uniform, inverse, counts, masses, vocab)
    : drawToken(table, uniform, inverse);
  graph.output('token', drawn.token);
  graph.output('logProb', drawn.logProb);
  graph.output('supportLogMass', drawn.supportLogMass);
  const executable = engine.compile(graph);
  const repeated = new Float32Array(rows * vocab);
  for (let row = 0; row < rows; row++) repeated.set(logits, row * vocab);
  const results = executable.run({
    logits: floats(repeated, [rows, vocab]),
    uniform: floats(uniforms, [rows]),
  });
  executable.release();
  return Array.from({ length: rows }, (_, i) => ({
    token: results.token!.data[i]!,
    logProb: results.logProb!.data[i]!,
    supportLogMass: results.supportLogMass!.data[i]!,
  }));
}

interface Distribution {
  /** Tokens in the order in which the cumulative distribution runs through them. */
  readonly order: readonly number[];
  /** By token; zero outside the support. */
  readonly probabilities: readonly number[];
  readonly supportMass: number;
}

/** The distribution in double precision, filtered as Hugging Face's warpers do: temperature, then top-k, then top-p. */
function distribution(logits: readonly number[], temperature: number, filter?: Filter): Distribution {
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp((Math.fround(logit) - Math.fround(top)) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const softmax = weights.map((weight) => weight / total);
  const indices = logits.map((_, i) => i);
  if (!filter) return { order: indices, probabilities: softmax, supportMass: 1 };
  const ranked = indices.sort((a, b) => softmax[b]! - softmax[a]! || a - b).slice(0, filter.keepCount);
  const kept = ranked.reduce((sum, token) => sum + softmax[token]!, 0);
  const order: number[] = [];
  let before = 0; // renormalised mass of likelier tokens: the token that reaches top-p is the last one in
  for (const token of ranked) {
    if (before >= filter.keepMass) break;
    order.push(token);
    before += softmax[token]! / kept;
  }
  const supportMass = order.reduce((sum, token) => sum + softmax[token]!, 0);
  const probabilities = softmax.map((p, token) => (order.includes(token) ? p / supportMass : 0));
  return { order, probabilities, supportMass };
}

/** Problems of draws against the exact distribution: each token must be the one whose interval holds the uniform. */
function problemsOf(drawn: readonly Drawn[], uniforms: readonly number[], expected: Distribution): string[] {
  const starts = new Map<number, number>();
  let start = 0;
  for (const token of expected.order) {
    starts.set(token, start);
    start += expected.probabilities[token]!;
  }
  return drawn.flatMap(({ token, logProb, supportLogMass }, i) => {
    const probability = expected.probabilities[token] ?? 0;
    const problems: string[] = [];
    const from = starts.get(token);
    if (!(probability > 0) || from === undefined)
      return [`drew token ${token} of probability ${probability}`];
    const u = uniforms[i]!;
    if (u < from - ROUNDING || u > from + probability + ROUNDING) {
      problems.push(`at ${u} drew ${token}, whose interval is [${from}, ${from + probability}]`);
    }
    if (Math.abs(logProb - Math.log(probability)) > 1e-5) {
      problems.push(`log-probability of ${token} is ${logProb}, expected ${Math.log(probability)}`);
    }
    if (Math.abs(supportLogMass - Math.log(expected.supportMass)) > 1e-5) {
      problems.push(`support is ${supportLogMass}, expected ${Math.log(expected.supportMass)}`);
    }
    return problems;
  });
}

const random = new Random(SEED, 'logits');
const normals = (count: number, scale: number): number[] =>
  Array.from({ length: count }, () => scale * random.normal());
const LOGITS: Record<string, readonly number[]> = {
  'two tokens': [0.3, -0.4],
  'seven tokens': normals(7, 1),
  'flat over 64': new Array(64).fill(0.25),
  'normal over 64': normals(64, 1),
  'normal over 432': normals(432, 2),
  'peaked over 432': normals(432, 1).map((x, i) => (i === 301 ? 14 : x)),
  'wide over 1000': normals(1000, 5),
};
const UNIFORMS = [
  0,
  2 ** -24,
  LARGEST_UNIFORM,
  0.5,
  ...Array.from({ length: 1500 }, () => Math.fround(Math.floor(random.uniform() * 2 ** 24) / 2 ** 24)),
];

for (const [title, logits] of Object.entries(LOGITS)) {
  t.test(`${title}: tokens are those that the inverse of the cumulative distribution gives`, async (t) => {
    for (const temperature of [1, 0.6, 1.7]) {
      const drawn = draw(logits, temperature, UNIFORMS);
      const problems = problemsOf(drawn, UNIFORMS, distribution(logits, temperature));
      t.strictSame(problems.slice(0, 3), [], `temperature ${temperature}, seed ${SEED}`);
      t.ok(drawn.every(({ supportLogMass }) => supportLogMass === 0));
    }
  });

  t.test(`${title}: filtered tokens come from the set that Hugging Face keeps`, async (t) => {
    const vocab = logits.length;
    const filters: Filter[] = [
      { keepCount: vocab, keepMass: 1 },
      { keepCount: Math.ceil(vocab / 10), keepMass: 1 },
      { keepCount: vocab, keepMass: 0.9 },
      { keepCount: Math.ceil(vocab / 3), keepMass: 0.5 },
      { keepCount: 1, keepMass: 1 },
      { keepCount: vocab, keepMass: 1e-6 },
    ];
    for (const filter of filters) {
      const expected = distribution(logits, 0.8, filter);
      const drawn = draw(logits, 0.8, UNIFORMS, filter);
      const problems = problemsOf(drawn, UNIFORMS, expected);
      t.strictSame(problems.slice(0, 3), [], `${JSON.stringify(filter)}, seed ${SEED}`);
    }
  });
}

/** Pearson's statistic in standard deviations of its normal approximation (Wilson and Hilferty). */
function chiSquareScore(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let [statistic, bins] = [0, 0];
  let rest = { count: 0, expected: 0 };
  probabilities.forEach((probability, i) => {
    const bin = { count: counts[i]! + rest.count, expected: probability * total + rest.expected };
    rest = { count: 0, expected: 0 };
    if (bin.expected < 5) rest = bin;
    else {
      statistic += (bin.count - bin.expected) ** 2 / bin.expected;
      bins++;
    }
  });
  const df = bins - 1;
  return (Math.cbrt(statistic / df) - (1 - 2 / (9 * df))) / Math.sqrt(2 / (9 * df));
}

t.test('frequencies of 60,000 draws fit the distribution, filtered or not', async (t) => {
  const logits = LOGITS['normal over 64']!;
  const uniforms = Array.from({ length: 2000 }, () => 0);
  for (const filter of [undefined, { keepCount: 30, keepMass: 0.8 }]) {
    const { probabilities } = distribution(logits, 0.7, filter);
    const counts = new Array<number>(64).fill(0);
    const source = new Random(SEED, 'frequencies');
    for (let round = 0; round < 30; round++) {
      const drawn = draw(
        logits,
        0.7,
        uniforms.map(() => Math.fround(Math.floor(source.uniform() * 2 ** 24) / 2 ** 24)),
        filter,
      );
      for (const { token } of drawn) counts[token]!++;
    }
    const score = chiSquareScore(counts, probabilities);
    t.ok(Math.abs(score) < 4, `seed ${SEED}: chi-square is ${score} deviations off`);
    t.ok(counts.every((count, token) => count === 0 || probabilities[token]! > 0));
    const skewed = counts.map((count, i) => (i === 0 ? count + 600 : count));
    t.ok(chiSquareScore(skewed, probabilities) > 4, 'the test would notice one draw in a hundred');
  }
});

t.test('equal rows give equal bits, wherever they stand', async (t) => {
  for (const threads of [1, 2]) {
    const engine = createOnnxRuntime({ threads });
    for (const [rows, vocab] of [
      [5, 64],
      [17, 437],
      [33, 432],
      [64, 437],
    ] as const) {
      for (const filter of [undefined, { keepCount: 30, keepMass: 0.9 }]) {
        let different = 0;
        for (let trial = 0; trial < 5; trial++) {
          const uniforms = new Array<number>(rows).fill(Math.fround(random.uniform()));
          const drawn = draw(normals(vocab, 1), 0.7, uniforms, filter, engine);
          const results = drawn.map(
            ({ token, logProb, supportLogMass }) => `${token} ${logProb} ${supportLogMass}`,
          );
          different += new Set(results).size - 1;
        }
        t.equal(different, 0, `${rows} rows of ${vocab}, ${threads} threads, seed ${SEED}`);
      }
    }
  }
});

t.test('a token without probability is never drawn, at either end of the uniforms', async (t) => {
  const never = -200; // exp(-200) is zero in float32
  const shapes: Record<string, readonly number[]> = {
    'at the front': [never, never, never, never, 1, 2, 3, 1, 0],
    'at the back': [1, 2, 3, 1, 0, never, never, never, never],
    'in between': [1, never, 2, never, never, 3, never, 0.5, never, 1],
    'all but one': [never, never, never, 0, never, never, never],
    'last of a block': [0, 0, never, 0, 0, never, 0, 0, never],
    'a faint first token': [-100, never, 0, 0, never],
    'a faint last token': [never, 0, 0, never, -100],
  };
  const ends = [0, 2 ** -24, 2 ** -23, 0.5, 1 - 2 ** -22, 1 - 2 ** -23, LARGEST_UNIFORM];
  for (const [title, logits] of Object.entries(shapes)) {
    const plain = draw(logits, 1, ends);
    const filtered = draw(logits, 1, ends, { keepCount: logits.length, keepMass: 1 });
    for (const { token, logProb } of [...plain, ...filtered]) {
      if (logits[token] === never || !Number.isFinite(logProb)) t.fail(`${title}: drew ${token}, ${logProb}`);
    }
    t.equal(
      plain[0]!.token,
      logits.findIndex((logit) => logit !== never),
      `${title}: the first possible token at 0`,
    );
  }
});

t.test('at a vanishing temperature only the largest logit is left, by whatever margin', async (t) => {
  const tight = [1e-3, Math.fround(1e-3) * (1 + 2 ** -23), -5, 2e-4];
  for (const logits of [...Object.values(LOGITS).slice(3), tight]) {
    const argmax = logits.indexOf(Math.max(...logits));
    for (const filter of [undefined, { keepCount: logits.length, keepMass: 1 }]) {
      const [first, , last] = draw(logits, 1e-30, [0, 0.5, LARGEST_UNIFORM], filter);
      t.strictSame(first, { token: argmax, logProb: 0, supportLogMass: 0 });
      t.strictSame(last, first);
    }
  }
});
