/**
 * Log-probabilities and entropies of chosen tokens, without ever holding logits of all tokens at once.
 *
 * Invariants: predictions come in `chunks` equal chunks; where there are several, the logits of a chunk live while that
 * chunk is computed, once in the forward pass and once more in the backward pass (they are checkpointed).
 */
import type { DecoderConfig } from '../model/config.js';
import { unscaledLogits } from '../model/decoder.js';
import { div, equal, exp, log, mul, stopGradient, sub, where } from '../tensor/elementwise.js';
import { checkpoint, customGradient } from '../tensor/gradients.js';
import type { Tensor } from '../tensor/graph.js';
import { gather, takeLast } from '../tensor/indexing.js';
import { concat, reshape, slice } from '../tensor/movement.js';
import { max, sum } from '../tensor/reduction.js';

interface TokenLogProbs {
  readonly logProbs: Tensor; // [chunks, m]
  readonly entropies: Tensor; // [chunks, m], nats, of the distribution at this temperature; no gradient
}

/** Bytes of logits that may exist at once. */
const MAX_CHUNK_BYTES = 64 << 20;

/** Chunks that keep the logits of `predictions` tokens within bounds. */
export function chunkCount(vocabSize: number, predictions: number): number {
  return Math.max(1, Math.ceil((vocabSize * predictions * 4) / MAX_CHUNK_BYTES));
}

/**
 * `hidden` [N, d] by packed token, `table` [V, d]; `predictors` and `targets` int32 [chunks, m]: which hidden state
 * predicts which token. Log-probabilities are those of softmax(logits / temperature).
 */
export function tokenLogProbs(
  config: DecoderConfig,
  hidden: Tensor,
  table: Tensor,
  predictors: Tensor,
  targets: Tensor,
  temperature: number,
): TokenLogProbs {
  const [chunks, width] = predictors.shape as [number, number | string];
  const logProbs: Tensor[] = [];
  const entropies: Tensor[] = [];
  for (let chunk = 0; chunk < chunks; chunk++) {
    const row = (x: Tensor): Tensor => reshape(slice(x, 0, chunk, chunk + 1), [width]);
    const states = gather(hidden, row(predictors));
    const body = (h?: Tensor, w?: Tensor) => chunkLogProbs(config, h!, w!, row(targets), temperature);
    const [logProb, entropy] = chunks === 1 ? body(states, table) : checkpoint([states, table], body);
    logProbs.push(reshape(logProb!, [1, width]));
    entropies.push(reshape(entropy!, [1, width]));
  }
  return { logProbs: concat(logProbs, 0), entropies: concat(entropies, 0) };
}

/** The chain max, sub, exp, sum, log: several times faster on wide rows than a fused LogSoftmax. */
function chunkLogProbs(
  config: DecoderConfig,
  hidden: Tensor,
  table: Tensor,
  targets: Tensor,
  temperature: number,
): Tensor[] {
  const { unit, scale } = unscaledLogits(config, hidden, table);
  const factor = scale / temperature;
  let parts: SoftmaxParts | undefined;
  const logProb = customGradient(
    [unit],
    (x) => {
      parts = softmaxParts(x!, factor);
      return sub(takeLast(parts.shifted, targets), parts.logTotal);
    },
    (g) => [softmaxPickGradient(mul(g, factor), parts!, targets)],
  );
  const { shifted, weights, total, logTotal } = parts!;
  // H = log Z − Σ w·s / Z
  const spread = div(sum(mul(stopGradient(weights), stopGradient(shifted)), [-1]), stopGradient(total));
  return [logProb, sub(stopGradient(logTotal), spread)];
}

/** Pieces of softmax(factor·x) by row: s = factor·(x − max), w = e^s, Z = Σ w and log Z. */
interface SoftmaxParts {
  readonly shifted: Tensor; // [m, V]
  readonly weights: Tensor; // [m, V]
  readonly total: Tensor; // [m]
  readonly logTotal: Tensor; // [m]
}

function softmaxParts(x: Tensor, factor: number): SoftmaxParts {
  const shifted = mul(sub(x, max(x, [-1], true)), factor);
  const weights = exp(shifted);
  const total = sum(weights, [-1]);
  return { shifted, weights, total, logTotal: log(total) };
}

/** g·(one-hot(target) − w/Z) in three passes over [m, V]: the rules of the single operators would take six. */
function softmaxPickGradient(g: Tensor, { weights, total }: SoftmaxParts, targets: Tensor): Tensor {
  const [rows, vocab] = weights.shape as [string, number];
  const column = (x: Tensor): Tensor => reshape(x, [rows, 1]);
  const ids = g.graph.constant(
    Int32Array.from({ length: vocab }, (_, i) => i),
    [1, vocab],
  );
  const picked = where(equal(ids, column(targets)), column(g), 0);
  return sub(picked, mul(weights, column(div(g, total))));
}
