/** What a dataset is made of, counted from its examples, and the table that says so. */
import { DOMAINS, type Domain } from '../../protocol/index.js';
import { COUNTS, SHARES } from './catalogue.js';
import { DIFFICULTIES, type Example, type ExampleDifficulty } from './example.js';
import { wordCount } from './writing.js';

export interface DatasetStatistics {
  readonly examples: number;
  readonly types: Readonly<Record<Domain, number>>;
  readonly difficulties: Readonly<Record<ExampleDifficulty, number>>;
  readonly verifiable: number;
  readonly lineages: number;
  /** Examples made by each augmentation. */
  readonly variants: Readonly<Record<string, number>>;
  /** Words of the reasoning traces; examples without a trace do not count. Zero when there is none. */
  readonly traceWords: { readonly min: number; readonly mean: number; readonly max: number };
}

export function statisticsOf(examples: readonly Example[]): DatasetStatistics {
  const count = (test: (example: Example) => boolean): number => examples.filter(test).length;
  const words = examples.flatMap((example) =>
    example.reasoning_trace ? [wordCount(example.reasoning_trace)] : [],
  );
  const variants: Record<string, number> = {};
  for (const { metadata } of examples) {
    if (metadata.augmentation) variants[metadata.augmentation] = (variants[metadata.augmentation] ?? 0) + 1;
  }
  return {
    examples: examples.length,
    types: Object.fromEntries(DOMAINS.map((type) => [type, count((e) => e.type === type)])) as Record<
      Domain,
      number
    >,
    difficulties: Object.fromEntries(
      DIFFICULTIES.map((level) => [level, count((e) => e.difficulty === level)]),
    ) as Record<ExampleDifficulty, number>,
    verifiable: count((e) => e.metadata.verification === 'verifiable'),
    lineages: new Set(examples.map((e) => e.metadata.lineage)).size,
    variants,
    traceWords: {
      min: words.reduce((a, b) => Math.min(a, b), words[0] ?? 0),
      mean: words.length ? words.reduce((a, b) => a + b, 0) / words.length : 0,
      max: words.reduce((a, b) => Math.max(a, b), 0),
    },
  };
}

const LABELS: Readonly<Record<Domain, string>> = {
  math: 'Math',
  code: 'Code',
  logic_puzzle: 'Logic Puzzles',
  science: 'Science',
  creative: 'Creative',
  summarization: 'Summarization',
};

/** Lines of a small tree: ├── for all but the last. */
function tree(rows: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length)) + 1;
  return rows.map(
    ([label, value], i) => `${i === rows.length - 1 ? '└──' : '├──'} ${`${label}:`.padEnd(width)} ${value}`,
  );
}

/** The table of counts and shares, and the length of the traces. */
export function statisticsTable(statistics: DatasetStatistics): string {
  const { examples, types, difficulties, traceWords, variants } = statistics;
  const number = (value: number): string => value.toLocaleString('en-US').padStart(6);
  const share = (value: number): string =>
    `${number(value)} (${examples ? Math.round((100 * value) / examples) : 0}%)`;
  const words = (value: number): string => `${number(Math.round(value))} words`;
  const sections = [
    [
      `Total Examples: ${examples.toLocaleString('en-US')}`,
      ...tree(DOMAINS.map((type) => [LABELS[type], share(types[type])] as const)),
    ],
    [
      'Difficulty Distribution:',
      ...tree(
        DIFFICULTIES.map(
          (level) => [level.charAt(0).toUpperCase() + level.slice(1), share(difficulties[level])] as const,
        ),
      ),
    ],
    [
      'Average Reasoning Length:',
      ...tree([
        ['Min', words(traceWords.min)],
        ['Mean', words(traceWords.mean)],
        ['Max', words(traceWords.max)],
      ]),
    ],
  ];
  if (Object.keys(variants).length > 0) {
    sections.push([
      'Augmented Variants:',
      ...tree(Object.entries(variants).map(([name, value]) => [name, share(value)] as const)),
    ]);
  }
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

const TRACE_WORDS = { min: 50, max: 400, meanLow: 130, meanHigh: 170 };
const MIN_AUGMENTED = 2500;

/** What a generated dataset promises and does not keep, one sentence each; empty when all is well. */
export function brokenPromises(all: readonly Example[]): string[] {
  const base = statisticsOf(all.filter((example) => example.metadata.augmentation === undefined));
  const total = Object.values(COUNTS).reduce((a, b) => a + b);
  const broken: string[] = [];
  const expect = (what: string, value: number, wanted: number): void => {
    if (value !== wanted) broken.push(`${what}: ${value} examples instead of ${wanted}`);
  };
  expect('all', base.examples, total);
  for (const type of DOMAINS) expect(type, base.types[type], COUNTS[type]);
  for (const level of DIFFICULTIES)
    expect(level, base.difficulties[level], Math.round(total * SHARES[level]));
  const { min, mean, max } = statisticsOf(all).traceWords;
  if (min < TRACE_WORDS.min || max > TRACE_WORDS.max)
    broken.push(`traces have ${min} to ${max} words instead of ${TRACE_WORDS.min} to ${TRACE_WORDS.max}`);
  if (mean < TRACE_WORDS.meanLow || mean > TRACE_WORDS.meanHigh)
    broken.push(`traces have ${mean.toFixed(0)} words on average instead of about 150`);
  if (all.length > base.examples && all.length < MIN_AUGMENTED)
    broken.push(`${all.length} examples after augmentation instead of ${MIN_AUGMENTED} or more`);
  return broken;
}
