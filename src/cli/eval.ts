/**
 * `eval`: completes problems with a policy, greedily and by sampling, and says how good it is, with every completion on disk.
 *
 * Invariants: the same policy, problems and seed give the same report; a problem whose prompt is too long counts as wrong, and is
 * counted; nothing of an older evaluation is overwritten.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { resolveModelPath } from '../config/resolve.js';
import { formatOf } from '../data/dataset/formats.js';
import { skippedText } from '../data/dataset/read-rows.js';
import { type EvaluationReport, evaluationReport } from '../evaluation/evaluation-report.js';
import { type EvaluationItem, readItems, UNKNOWN } from '../evaluation/items.js';
import { type GivenCompletion, judgeCompletion } from '../evaluation/judge-completion.js';
import { heldOutProblems } from '../evaluation/problems.js';
import { readRewardFiles, scoreWith, type UserScores } from '../evaluation/user-scores.js';
import { readPolicy } from '../model/policy-files.js';
import { loadTokenizer } from '../model/tokenizer.js';
import { claimFolder, claimNumberedFolder, folderNameOf } from '../observe/claim-folder.js';
import { JsonlSink, jsonLine } from '../observe/jsonl.js';
import { escapeJson, sanitizeLine, sanitizeText } from '../observe/sanitize.js';
import { packageRoot, versions } from '../package-info.js';
import { cutByLengths } from '../protocol/index.js';
import { slotCapacity } from '../sampling/capacity.js';
import { complete } from '../sampling/complete.js';
import { createPolicyText } from '../sampling/policy-text.js';
import { Sampler } from '../sampling/sampler.js';
import { openRuntime } from '../tensor/device.js';
import type { EvalOptions } from './arguments.js';
import { renderEvaluation } from './views/evaluation-table.js';
import { hasColor } from './views/terminal.js';

const DEFAULTS = {
  model: 'models/nano',
  problems: 300,
  samples: 1,
  temperature: 1,
  seed: 42,
  threads: 2,
  maxTokens: 256,
  rewards: [] as readonly string[],
} as const;
const SLOTS = 64;

interface Decoding {
  readonly temperature: number;
  readonly sampleCount: number;
  readonly seed: number;
  readonly maxTokens: number;
}

export async function runEval(options: EvalOptions): Promise<void> {
  const given = { ...DEFAULTS, ...options };
  const directory = resolveModelPath(given.model, process.cwd(), packageRoot);
  const policy = readPolicy(directory);
  const tokenizer = loadTokenizer(directory);
  const rewards = await readRewardFiles(given.rewards);
  const skipped = new Map<string, number>();
  const items = await itemsOf(options, given.problems, skipped);
  const text = createPolicyText(tokenizer);
  const prompts = items.map(({ question }) => text.encodePrompt(question));
  const out =
    options.out === undefined
      ? claimNumberedFolder('runs', `eval-${folderNameOf(directory)}-seed${given.seed}`, '--out')
      : claimFolder(options.out, '--out');

  // ---- completions -------------------------------------------------------------------------------------------------
  const runtime = await openRuntime('auto', given.threads);
  const longest = Math.max(...prompts.map((tokens) => tokens.length));
  const capacity = slotCapacity(longest + given.maxTokens, policy.config.maxPositions);
  const sampler = new Sampler({
    runtime,
    ...policy,
    slots: SLOTS,
    capacity,
    stopTokens: tokenizer.eosIds,
  });
  const decode = (decoding: Decoding) => completionsOf(sampler, prompts, capacity, decoding, text.decode);
  const start = performance.now();
  const common = { seed: given.seed, maxTokens: given.maxTokens };
  const modes: { mode: 'greedy' | 'sampled'; completions: GivenCompletion[] }[] = [
    { mode: 'greedy', completions: await decode({ ...common, temperature: 0, sampleCount: 1 }) },
  ];
  if (given.samples > 1) {
    const { temperature, samples } = given;
    modes.push({
      mode: 'sampled',
      completions: await decode({ ...common, temperature, sampleCount: samples }),
    });
  }
  const seconds = (performance.now() - start) / 1000;
  sampler.release();

  // ---- what they are worth -----------------------------------------------------------------------------------------
  const sink = new JsonlSink(join(out, 'completions.jsonl'));
  const reports: Partial<Record<'greedy' | 'sampled', EvaluationReport>> = {};
  let tooLong = 0;
  for (const { mode, completions } of modes) {
    const rows = completions.map((each) => judgeCompletion(items[each.item]!, each, mode));
    const batch = rows.map(({ item, completion }) => ({ ...items[item]!, completion: completion ?? '' }));
    const problems = rows.map(({ item }) => item);
    const scores: Record<string, UserScores> = {};
    for (const reward of rewards) {
      scores[reward.name] = await scoreWith(reward, batch, problems, given.threads);
    }
    rows.forEach((row, i) => {
      const own = Object.entries(scores).map(([name, values]) => [name, values[i]]);
      sink.write({ ...row, rewards: { ...row.rewards, ...Object.fromEntries(own) } });
    });
    if (mode === 'greedy') tooLong = rows.filter(({ completion }) => completion === null).length;
    reports[mode] = evaluationReport(rows, scores);
  }
  sink.close();
  const record = {
    type: 'evaluation',
    model: directory,
    data: options.data ? resolve(options.data) : 'held-out problems',
    problems: items.length,
    skipped: Object.fromEntries(skipped),
    promptsTooLong: tooLong,
    samples: given.samples,
    temperature: given.temperature,
    seed: given.seed,
    maxTokens: given.maxTokens,
    seconds,
    ...reports,
    versions,
    directory: out,
  };
  writeFileSync(join(out, 'evaluation.json'), `${escapeJson(JSON.stringify(record, null, 2))}\n`);
  if (given.json) process.stdout.write(jsonLine(record));
  else {
    const color = hasColor({ stream: process.stdout, env: process.env, color: given.color });
    process.stdout.write(tables(reports, given, color));
    if (tooLong > 0) process.stdout.write(`${tooLong} prompts were too long and count as wrong.\n`);
    if (skipped.size > 0) process.stdout.write(`Skipped rows: ${sanitizeLine(skippedText(skipped), 1000)}\n`);
    process.stdout.write(
      `${seconds.toFixed(1)} s. Completions: ${sanitizeText(join(out, 'completions.jsonl'))}\n`,
    );
  }
}

/** Problems of the file that was named, or held-out ones; bad rows that are to be skipped are counted in `skipped`. */
async function itemsOf(
  { data, problems, format, fields, onBadRow = 'fail' }: EvalOptions,
  heldOutCount: number,
  skipped: Map<string, number>,
): Promise<readonly EvaluationItem[]> {
  if (data === undefined) return heldOutProblems(heldOutCount);
  return readItems(data, { count: problems, format: formatOf(format, fields, UNKNOWN), onBadRow, skipped });
}

function tables(
  { greedy, sampled }: Partial<Record<'greedy' | 'sampled', EvaluationReport>>,
  { samples, temperature, seed }: { samples: number; temperature: number; seed: number },
  color: boolean,
): string {
  const parts = [greedy && renderEvaluation(greedy, 'Greedy', color)];
  const how = `${samples} completions a problem, temperature ${temperature}, seed ${seed}`;
  if (sampled) parts.push(renderEvaluation(sampled, `Sampled: ${how}`, color));
  parts.push('Brackets: 95 % interval. Quality and rubric: 0 to 1.\n');
  return parts.filter(Boolean).join('\n');
}

/** Completions of all prompts, ordered by item and sample; a prompt that leaves no room has none. */
async function completionsOf(
  sampler: Sampler,
  prompts: readonly Int32Array[],
  capacity: number,
  { temperature, sampleCount, seed, maxTokens }: Decoding,
  decode: (tokens: Int32Array) => string,
): Promise<GivenCompletion[]> {
  const requests = prompts.flatMap((promptTokens, promptIndex) => {
    if (promptTokens.length >= capacity) return [];
    const key = { seed, update: 0, promptIndex, stream: 0 };
    return { ...key, promptTokens, sampleCount, maxTokens, temperature, topK: 0, topP: 1 };
  });
  const sampled = await complete(sampler, requests);
  const byItem = new Map(requests.map(({ promptIndex }, i) => [promptIndex, sampled[i]!]));
  return prompts.flatMap((_, item) => {
    const result = byItem.get(item);
    const texts = result && cutByLengths(result.tokens, result.lengths).map(decode);
    return Array.from({ length: sampleCount }, (_, sample) => ({
      item,
      sample,
      text: texts?.[sample] ?? null,
      tokens: result?.lengths[sample] ?? 0,
      stopped: result?.stopped[sample] === 1,
    }));
  });
}
