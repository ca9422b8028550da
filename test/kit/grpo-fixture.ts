/** The batch of test/fixtures/grpo: three groups of three completions, with the losses and gradients PyTorch gave them. */
import { readFileSync } from 'node:fs';
import { aggregationWeight, type LossOptions } from '../../src/learner/losses.js';
import { type MicroBatch, type PackableGroup, packGroups } from '../../src/learner/packing.js';
import { type LossInputs, PolicyGraph } from '../../src/learner/policy-graph.js';
import { readSafetensors } from '../../src/model/safetensors.js';
import { createWeights, exportWeights, type Weights } from '../../src/model/weights.js';
import type { GroupCompleted, KlEstimator, LossName } from '../../src/protocol/index.js';
import { groupCompleted } from '../../src/testing/messages.js';
import { fixture } from './root.js';
import { runtime, type TinyPolicy } from './tiny-policies.js';

export interface LossCase {
  readonly name: string;
  readonly lossType: LossName;
  readonly temperature: number;
  readonly epsilonLow: number;
  readonly epsilonHigh: number;
  readonly delta: number | null;
  readonly beta: number;
  readonly klEstimator: 'k3' | 'k2' | 'k3-ratio-weighted' | null;
  readonly maxCompletionLength: number | null;
  readonly entropyCoefficient: number;
  readonly mask: 'mask' | 'partial_mask';
  readonly behaviour: 'behaviour' | 'current';
  readonly hasFullGradient: boolean;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly parameterGradients: Readonly<
    Record<string, { readonly norm: number; readonly projection: number }>
  >;
}

interface CaseFile {
  readonly advantageEpsilon: number;
  readonly cases: readonly LossCase[];
}

const file = JSON.parse(readFileSync(fixture('grpo', 'cases.json'), 'utf8')) as CaseFile;
const tensors = readSafetensors(fixture('grpo', 'inputs.safetensors'));
const gradientTensors = readSafetensors(fixture('grpo', 'gradients.safetensors'));

/** The entropy bonus is not a term of this project's losses. */
export const LOSS_CASES = file.cases.filter(({ entropyCoefficient }) => entropyCoefficient === 0);
export const ENTROPY_CASES = file.cases.filter(({ entropyCoefficient }) => entropyCoefficient !== 0);
export const ADVANTAGE_EPSILON = file.advantageEpsilon;

export const GROUP_SIZE = 3;
export const ROWS = 9;
const WIDTH = 9;

const floatsOf = (name: string): Float32Array => tensors.get(name)!.data as Float32Array;
const integersOf = (name: string): Int32Array => tensors.get(name)!.data as Int32Array;

/** A row of a [9, 9] tensor, cut at the completion's length. */
export function rowOf(name: string, row: number): Float32Array {
  return floatsOf(name).slice(row * WIDTH, row * WIDTH + lengths[row]!);
}

export const lengths: readonly number[] = Array.from(integersOf('completion_lengths'));
export const advantages: readonly number[] = Array.from(floatsOf('advantages'));
export const rewards: readonly number[] = Array.from(floatsOf('rewards'));
export const completions: readonly Int32Array[] = lengths.map((length, row) =>
  integersOf('completion_ids').slice(row * WIDTH, row * WIDTH + length),
);
export const prompts: readonly Int32Array[] = Array.from(integersOf('prompt_lengths'), (length, group) =>
  integersOf('prompt_ids').slice(group * 7, group * 7 + length),
);
export const groups: readonly PackableGroup[] = prompts.map((promptTokens, group) => ({
  promptTokens,
  completions: completions.slice(group * GROUP_SIZE, (group + 1) * GROUP_SIZE),
}));

const key = (temperature: number): string => `temperature_${temperature.toFixed(1)}`;
export const currentLogProbs = (temperature: number, row: number): Float32Array =>
  rowOf(`current_log_probs.${key(temperature)}`, row);
export const behaviourLogProbs = (temperature: number, row: number): Float32Array =>
  rowOf(`behaviour_log_probs.${key(temperature)}`, row);
export const referenceLogProbs = (temperature: number, row: number): Float32Array =>
  rowOf(`reference_log_probs.${key(temperature)}`, row);
export const entropies = (temperature: number, row: number): Float32Array =>
  rowOf(`entropies.${key(temperature)}`, row);

/** d loss / d log-probability of a row, by PyTorch. */
export function logProbGradient(lossCase: LossCase, row: number): Float32Array {
  const { data } = gradientTensors.get(`${lossCase.name}/log_probs`)!;
  return (data as Float32Array).slice(row * WIDTH, row * WIDTH + lengths[row]!);
}

/** d loss / d parameter by PyTorch, for the cases that hold it. */
export function parameterGradient(lossCase: LossCase, name: string): Float32Array {
  return gradientTensors.get(`${lossCase.name}/${name}`)!.data as Float32Array;
}

/** A case's settings in this project's words. */
export function lossOptions(lossCase: LossCase): LossOptions {
  const estimators: Record<string, KlEstimator> = { k3: 'k3', k2: 'k2', 'k3-ratio-weighted': 'unbiased' };
  const isCispo = lossCase.lossType === 'cispo';
  return {
    loss: lossCase.lossType,
    epsilonLow: lossCase.epsilonLow,
    epsilonHigh: isCispo ? 0.28 : lossCase.epsilonHigh,
    delta: lossCase.delta,
    cispoEpsilonMax: isCispo ? lossCase.epsilonHigh : 5,
    beta: lossCase.beta,
    klEstimator: estimators[lossCase.klEstimator ?? 'k3']!,
  };
}

export type PolicyInputs = LossInputs & { readonly supportLogMass: Float32Array };

/** Per-token inputs of a micro-batch. `rowAt` says which row of the fixture a packed completion is. */
export function policyInputs(
  lossCase: LossCase,
  microBatch: MicroBatch,
  rowAt = (group: number, completion: number) => group * GROUP_SIZE + completion,
): PolicyInputs {
  const masks = lengths.map((_, row) => rowOf(lossCase.mask, row));
  const maskedLengths = masks.map((mask) => mask.reduce((sum, m) => sum + m, 0));
  const shape = {
    trajectoryCount: maskedLengths.length,
    tokenCount: maskedLengths.reduce((sum, length) => sum + length, 0),
    maxCompletionTokens: lossCase.maxCompletionLength ?? 1,
  };
  const perToken = (value: (row: number, i: number) => number): Float32Array => {
    const result = new Float32Array(microBatch.predictionCount);
    for (const { group, completion, firstPrediction, length } of microBatch.completions) {
      const row = rowAt(group, completion);
      for (let i = 0; i < length; i++) result[firstPrediction + i] = value(row, i);
    }
    return result;
  };
  const sequence = new Int32Array(microBatch.predictionCount);
  microBatch.completions.forEach(({ firstPrediction, length }, s) => {
    sequence.fill(s, firstPrediction, firstPrediction + length);
  });
  const { temperature } = lossCase;
  const behaviour = lossCase.behaviour === 'current' ? currentLogProbs : behaviourLogProbs;
  return {
    behaviour: perToken((row, i) => behaviour(temperature, row)[i]!),
    supportLogMass: new Float32Array(microBatch.predictionCount),
    reference: lossCase.beta > 0 ? perToken((row, i) => referenceLogProbs(temperature, row)[i]!) : null,
    advantages: perToken((row) => advantages[row]!),
    isReal: perToken((row, i) => masks[row]![i]!),
    weights: perToken(
      (row, i) => masks[row]![i]! * aggregationWeight(lossCase.lossType, shape, maskedLengths[row]!),
    ),
    sequence,
    inverseLengths: Float32Array.from(microBatch.completions, ({ group, completion }) => {
      return 1 / Math.max(1, maskedLengths[rowAt(group, completion)]!);
    }),
  };
}

export interface PolicyPass {
  readonly loss: number;
  /** By row of the fixture. */
  readonly logProbs: readonly Float32Array[];
  readonly entropies: readonly Float32Array[];
  readonly gradients: Weights;
}

export interface Cut {
  readonly maxTokens?: number;
  readonly chunks?: number;
  /** Packs every completion with a prompt of its own. */
  readonly isShared?: boolean;
  /** Order of the groups. */
  readonly order?: readonly number[];
}

/** Loss and gradients of a case, computed by this project, however the batch is cut. Always give the same policy. */
export function runCase(lossCase: LossCase, policy: TinyPolicy, cut: Cut = {}): PolicyPass {
  const { maxTokens = Number.POSITIVE_INFINITY, chunks = 1, isShared = true, order = [0, 1, 2] } = cut;
  const { graph, gradients } = compiled(lossCase, policy, chunks);
  gradients.flat.fill(0);
  const ordered = order.map((group) => groups[group]!);
  const packable = isShared
    ? ordered
    : ordered.flatMap(({ promptTokens, completions }) =>
        completions.map((completion) => ({ promptTokens, completions: [completion] })),
      );
  const rowAt = (group: number, completion: number): number => {
    const position = isShared ? group * GROUP_SIZE + completion : group;
    return order[Math.floor(position / GROUP_SIZE)]! * GROUP_SIZE + (position % GROUP_SIZE);
  };
  let loss = 0;
  const logProbs = new Array<Float32Array>(ROWS);
  const entropies = new Array<Float32Array>(ROWS);
  for (const microBatch of packGroups(packable, maxTokens)) {
    const results = graph.run(microBatch, policyInputs(lossCase, microBatch, rowAt));
    loss += results.loss;
    for (const { group, completion, firstPrediction, length } of microBatch.completions) {
      const row = rowAt(group, completion);
      logProbs[row] = results.logProbs.slice(firstPrediction, firstPrediction + length);
      entropies[row] = results.entropies.slice(firstPrediction, firstPrediction + length);
    }
  }
  return { loss, logProbs, entropies, gradients: copyWeights(gradients) };
}

interface CompiledCase {
  readonly graph: PolicyGraph;
  readonly gradients: Weights;
}

const compiledCases = new Map<string, CompiledCase>();

/** Compiling costs more than running, so that graphs are kept. */
function compiled(lossCase: LossCase, { config, weights }: TinyPolicy, chunks: number): CompiledCase {
  const id = `${lossCase.name} ${chunks}`;
  const known = compiledCases.get(id);
  if (known) return known;
  const gradients = createWeights(weights.layout);
  const { temperature } = lossCase;
  const options = { config, chunks, temperature, positionCount: config.maxPositions };
  const graph = new PolicyGraph(runtime, weights, gradients, options, lossOptions(lossCase));
  compiledCases.set(id, { graph, gradients });
  return { graph, gradients };
}

function copyWeights(weights: Weights): Weights {
  const copy = createWeights(weights.layout);
  copy.flat.set(weights.flat);
  return copy;
}

/** Gradients under Hugging Face's names. */
export function namedGradients(gradients: Weights): ReadonlyMap<string, Float32Array> {
  return new Map([...exportWeights(gradients)].map(([name, { data }]) => [name, data as Float32Array]));
}

/** L2 norm. */
export function normOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}

/** The fixture's groups as messages, sampled at a temperature: rewards are outcomes, every completion ended by itself. */
export function groupMessages(temperature: number): GroupCompleted[] {
  const concatenated = (rows: readonly Float32Array[]): Float32Array =>
    Float32Array.from(rows.flatMap((row) => [...row]));
  return groups.map(({ promptTokens, completions }, group) => {
    const rows = completions.map((_, i) => group * GROUP_SIZE + i);
    const total = rows.reduce((sum, row) => sum + lengths[row]!, 0);
    return groupCompleted({
      groupId: `g${group}`,
      taskId: `task-${group}`,
      promptIndex: group,
      problemId: `p${group}`,
      promptTokens,
      tokens: Int32Array.from(completions.flatMap((tokens) => [...tokens])),
      lengths: Int32Array.from(rows, (row) => lengths[row]!),
      logProbs: concatenated(rows.map((row) => behaviourLogProbs(temperature, row))),
      supportLogMass: new Float32Array(total),
      stopped: new Uint8Array(GROUP_SIZE).fill(1),
      rewardNames: ['answer'],
      rewards: Float32Array.from(rows, (row) => rewards[row]!),
      scored: new Uint8Array(GROUP_SIZE).fill(1),
    });
  });
}
