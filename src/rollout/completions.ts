/** Cuts what a sampler gave for one request into completions. */
import { DialecticError } from '../errors.js';
import { cutByLengths } from '../protocol/index.js';
import type { PlanRequest, SampledArrays, ScoredCompletions } from './plan.js';
import type { Completion } from './plan-events.js';

/** Texts of whole completions, prefix and continuation. Errors: PROTOCOL for another number of them than was asked for. */
export function textsOf(
  { prefixTokens, sampleCount }: Pick<PlanRequest, 'prefixTokens' | 'sampleCount'>,
  { tokens, lengths }: SampledArrays,
  decode: (tokens: Int32Array) => string,
): string[] {
  if (lengths.length !== sampleCount)
    throw new DialecticError(
      'PROTOCOL',
      `a sampler sent ${lengths.length} completions, expected ${sampleCount}`,
    );
  return cutByLengths(tokens, lengths).map((continued) =>
    decode(prefixTokens ? Int32Array.from([...prefixTokens, ...continued]) : continued),
  );
}

/** What people see of each completion. */
export function completionsOf({ texts, lengths, stopped }: ScoredCompletions): Completion[] {
  return texts.map((text, g) => ({ text, tokens: lengths[g]!, stopped: stopped[g] === 1 }));
}

/** Several requests of one prompt as one, in their order. Errors: INTERNAL where two policy versions or sets of rewards meet. */
export function joined(parts: readonly ScoredCompletions[]): ScoredCompletions {
  const [first] = parts;
  if (first === undefined) throw new DialecticError('INTERNAL', 'there are no completions to join');
  if (parts.length === 1) return first;
  const names = first.rewards?.names ?? [];
  const isAlike = ({ policyVersion, rewards }: ScoredCompletions): boolean =>
    policyVersion === first.policyVersion && (rewards?.names ?? []).join() === names.join();
  if (!parts.every(isAlike))
    throw new DialecticError('INTERNAL', 'completions of one prompt differ in policy version or rewards');
  const ints = (of: (part: ScoredCompletions) => Int32Array): Int32Array =>
    Int32Array.from(parts.flatMap((part) => [...of(part)]));
  const floats = (of: (part: ScoredCompletions) => Float32Array): Float32Array =>
    Float32Array.from(parts.flatMap((part) => [...of(part)]));
  const bytes = (of: (part: ScoredCompletions) => Uint8Array): Uint8Array =>
    Uint8Array.from(parts.flatMap((part) => [...of(part)]));
  const row = ({ rewards, lengths }: ScoredCompletions, k: number): Float32Array =>
    rewards!.values.subarray(k * lengths.length, (k + 1) * lengths.length);
  return {
    tokens: ints(({ tokens }) => tokens),
    lengths: ints(({ lengths }) => lengths),
    logProbs: floats(({ logProbs }) => logProbs),
    supportLogMass: floats(({ supportLogMass }) => supportLogMass),
    stopped: bytes(({ stopped }) => stopped),
    policyVersion: first.policyVersion,
    texts: parts.flatMap(({ texts }) => texts),
    rewards: first.rewards && {
      names,
      values: Float32Array.from(names.flatMap((_, k) => parts.flatMap((part) => [...row(part, k)]))),
      scored: bytes(({ rewards }) => rewards!.scored),
    },
  };
}
