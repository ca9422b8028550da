/**
 * What the program gives today for the inputs of test/golden: what does not depend on the processor, and the first update to 1e-5.
 *
 * Invariants: an input lies in the committed file beside what it gives, so that a reader can judge the value and a renewal changes values
 * alone; numbers of the data, the prompts, the rewards and the advantages are compared exactly, those of the update relatively.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateDataset } from '../../src/data/dataset/generate.js';
import type { Turn } from '../../src/data/prompt.js';
import { loadTokenizer } from '../../src/model/tokenizer.js';
import type { Role, ScoringItem } from '../../src/protocol/index.js';
import { groupAdvantages } from '../../src/rewards/advantages.js';
import { builtInRewards } from '../../src/rewards/rewards.js';
import { createPolicyText } from '../../src/sampling/policy-text.js';
import { cli, readLines } from './cli.js';
import { packageRoot } from './root.js';

export const RENEW = 'npm run golden';

/** Float32 sums in another order, and no more. */
export const UPDATE_TOLERANCE = 1e-5;

const REWARDS = [
  'answer',
  'format',
  'quality',
  'match_format_exactly',
  'match_format_approximately',
  'check_answer',
  'check_numbers',
  'check_answer_mended',
  'check_numbers_mended',
];

/** What is compared of the first update: all that its tokens, rewards and gradients decide. */
const UPDATE_KEYS = ['num_tokens', 'reward', 'loss', 'grad_norm', 'entropy'];

export type GoldenName = 'dataset' | 'prompts' | 'rewards' | 'advantages' | 'first-update';

const pathOf = (name: GoldenName): string => join(packageRoot, 'test', 'golden', `${name}.json`);

export function readGolden<T>(name: GoldenName): T {
  return JSON.parse(readFileSync(pathOf(name), 'utf8')) as T;
}

/** Lists of plain values stand on one line. */
export function writeGolden(name: GoldenName, value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, values: string) => `[${values.replace(/\n\s+/g, ' ')}]`,
  );
  writeFileSync(pathOf(name), `${text}\n`);
}

export interface GoldenDataset {
  /** SHA-256 of all.jsonl as `data --seed 42 --augment` writes it. */
  readonly sha256: string;
  readonly counts: Readonly<Record<'train' | 'evaluation', number>>;
  readonly first: Readonly<Record<string, { id: string; question: string; answer: string }>>;
}

/** The dataset of a run by default: its bytes, and the first example of each domain. */
export function datasetNow(): GoldenDataset {
  const { train, evaluation } = generateDataset(42, { augment: true });
  const all = [...train, ...evaluation];
  const lines = all.map((example) => `${JSON.stringify(example)}\n`).join('');
  const first: Record<string, { id: string; question: string; answer: string }> = {};
  for (const { domain, question, answer, metadata } of all)
    first[domain] ??= { id: metadata.id ?? '', question, answer };
  return {
    sha256: createHash('sha256').update(lines).digest('hex'),
    counts: { train: train.length, evaluation: evaluation.length },
    first,
  };
}

export interface GoldenPrompt {
  readonly role: Role;
  readonly question: string;
  readonly turns: readonly Turn[];
  /** What the chat template of the shipped policy makes of it, and its token ids. */
  readonly text: string;
  readonly tokens: string;
}

export function promptsNow(committed: readonly GoldenPrompt[]): GoldenPrompt[] {
  const tokenizer = loadTokenizer(join(packageRoot, 'models', 'nano'));
  const { encodePrompt } = createPolicyText(tokenizer);
  return committed.map(({ role, question, turns }) => {
    const tokens = encodePrompt(question, role, turns);
    return {
      role,
      question,
      turns,
      text: tokenizer.decode(tokens, { keepSpecial: true }),
      tokens: tokens.join(' '),
    };
  });
}

export interface GoldenRewards {
  /** What is odd about the completion. */
  readonly why: string;
  readonly item: ScoringItem;
  /** By reward, to six digits. */
  readonly verdicts: Readonly<Record<string, number>>;
}

export function rewardsNow(committed: readonly GoldenRewards[]): GoldenRewards[] {
  const rewards = builtInRewards(REWARDS);
  return committed.map(({ why, item }) => ({
    why,
    item,
    verdicts: Object.fromEntries(
      rewards.map(({ name, score }) => [name, Number(score([item])[0]!.toFixed(6))]),
    ),
  }));
}

export interface GoldenGroup {
  readonly why: string;
  readonly rewards: readonly number[];
  readonly outcomes: readonly number[];
  /** By scale, to six digits. */
  readonly advantages: Readonly<Record<'group' | 'none', readonly number[]>>;
}

export function advantagesNow(committed: readonly GoldenGroup[]): GoldenGroup[] {
  return committed.map(({ why, rewards, outcomes }) => {
    const of = (scale: 'group' | 'none'): number[] => {
      const options = { scale, epsilon: 1e-4 };
      const { advantages } = groupAdvantages(
        Float32Array.from(rewards),
        Float32Array.from(outcomes),
        options,
      );
      return Array.from(advantages, (advantage) => Number(advantage.toFixed(6)));
    };
    return { why, rewards, outcomes, advantages: { group: of('group'), none: of('none') } };
  });
}

export interface GoldenUpdate {
  readonly args: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** The first update of a run of the program into `folder`. Errors: one that does not end with 0. */
export async function firstUpdateNow({ args }: GoldenUpdate, folder: string): Promise<GoldenUpdate> {
  const run = join(folder, 'run');
  const { code, stderr } = await cli([...args, '--quiet', `--run-dir=${run}`]);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${stderr}`);
  const [row] = readLines(run, 'metrics.jsonl');
  return { args, metrics: Object.fromEntries(UPDATE_KEYS.map((key) => [key, row![key] as number])) };
}
