/**
 * The policy-gradient losses, as published, on symbolic tensors.
 *
 * With r = exp(current − behaviour) and A the advantage of the completion, the loss of a token is
 *
 *   grpo, bnpo, dr_grpo, dapo   −min( r̂·A, clip(r, 1−ε_low, 1+ε_high)·A ),  r̂ = r, or min(r, δ) if two-sided (INTELLECT-2)
 *   gspo                        the same with r = exp( mean over the completion of log r )  (Zheng et al. 2025)
 *   cispo                       −sg( min(r, ε_max) )·A·current  (MiniMax-M1, as TRL clips it: above only)
 *
 * plus β·KL to the reference policy. A batch's loss is Σ weight·loss over tokens; the weights carry the aggregation:
 *
 *   grpo, gspo   1 / (|o_i|·B)    mean over tokens, then over the B completions
 *   dapo, bnpo   1 / N            N trained tokens of the whole batch (bnpo: here the same, because a batch is never
 *                                 reduced by micro-batch)
 *   cispo        1 / N
 *   dr_grpo      1 / (B·L_max)
 *
 * Invariants: the weights are computed from the whole batch before it is cut, so that the update does not depend on the cut.
 */
import type { KlEstimator, LossName } from '../protocol/index.js';
import { add, clip, exp, minimum, mul, neg, stopGradient, sub } from '../tensor/elementwise.js';
import type { Tensor } from '../tensor/graph.js';
import { gather, scatterAddLike } from '../tensor/indexing.js';
import { sum } from '../tensor/reduction.js';

export interface LossOptions {
  readonly loss: LossName;
  readonly epsilonLow: number;
  readonly epsilonHigh: number;
  /** Upper bound of the unclipped ratio; null for one-sided clipping. */
  readonly delta: number | null;
  /** Upper bound of cispo's weight. */
  readonly cispoEpsilonMax: number;
  /** Weight of the divergence from the reference policy; 0 leaves it out. */
  readonly beta: number;
  readonly klEstimator: KlEstimator;
}

/** Tokens of a micro-batch, all [M] in one order. */
interface TokenBatch {
  readonly current: Tensor; // log-probabilities under the policy being trained
  readonly behaviour: Tensor; // log-probabilities under the policy that sampled
  readonly reference: Tensor | null; // log-probabilities under the reference policy, where β > 0
  readonly advantages: Tensor;
  readonly weights: Tensor; // aggregation weight, 0 for padding and masked tokens
  readonly isReal: Tensor; // float, 1 for a trained token, 0 for padding and masked ones
  /** Completion of each token, int32, and 1/|o_i| by completion [S]: for sequence-level ratios. */
  readonly sequence: Tensor;
  readonly inverseLengths: Tensor;
}

/** Σ weight·(loss + β·KL) over the tokens. */
export function policyLoss(batch: TokenBatch, options: LossOptions): Tensor {
  const logRatio = sub(batch.current, batch.behaviour);
  let perToken = surrogate(batch, logRatio, options);
  if (options.beta > 0 && batch.reference) {
    perToken = add(
      perToken,
      mul(divergence(batch.current, batch.reference, logRatio, options.klEstimator), options.beta),
    );
  }
  return sum(mul(perToken, batch.weights));
}

function surrogate(batch: TokenBatch, logRatio: Tensor, options: LossOptions): Tensor {
  const { advantages, current } = batch;
  if (options.loss === 'cispo') {
    const weight = stopGradient(minimum(exp(logRatio), options.cispoEpsilonMax));
    return neg(mul(mul(weight, advantages), current));
  }
  const ratio = exp(options.loss === 'gspo' ? sequenceMean(batch, logRatio) : logRatio);
  const clipped = clip(ratio, 1 - options.epsilonLow, 1 + options.epsilonHigh);
  const unclipped = options.delta === null ? ratio : minimum(ratio, options.delta);
  return neg(minimum(mul(unclipped, advantages), mul(clipped, advantages)));
}

/** Each token gets the mean of its completion's trained tokens. */
function sequenceMean({ sequence, inverseLengths, isReal }: TokenBatch, values: Tensor): Tensor {
  const totals = scatterAddLike(inverseLengths, sequence, mul(values, isReal));
  return gather(mul(totals, inverseLengths), sequence);
}

/**
 * How the divergence d = reference − current of a token is turned into a loss:
 * `unbiased` r·(e^d − d − 1), whose expected gradient is that of KL(current ‖ reference) even off-policy (DeepSeek-V3.2);
 * `k2` d²/2, the same gradient on-policy; `k3` e^d − d − 1, TRL's default, which descends the forward KL.
 */
function divergence(current: Tensor, reference: Tensor, logRatio: Tensor, estimator: KlEstimator): Tensor {
  const d = sub(reference, current);
  if (estimator === 'k2') return mul(mul(d, d), 0.5);
  const k3 = sub(sub(exp(d), d), 1);
  return estimator === 'k3' ? k3 : mul(exp(logRatio), k3);
}

/** What the aggregation of a batch needs to know. */
interface BatchShape {
  /** Of the whole batch, dead groups included. */
  readonly trajectoryCount: number;
  /** Its trained tokens; those that paths of a tree share count once. */
  readonly tokenCount: number;
  readonly maxCompletionTokens: number;
}

/** The weight of a token of a completion with `length` trained tokens. */
export function aggregationWeight(
  loss: LossName,
  { trajectoryCount, tokenCount, maxCompletionTokens }: BatchShape,
  length: number,
): number {
  switch (loss) {
    case 'grpo':
    case 'gspo':
      return 1 / (Math.max(length, 1) * trajectoryCount);
    case 'dr_grpo':
      return 1 / (maxCompletionTokens * trajectoryCount);
    default:
      return 1 / Math.max(1, tokenCount);
  }
}
