/**
 * Combinations of settings that no single key can check: those that cannot work, or would silently do nothing.
 *
 * Invariants: every refusal names the keys at fault, the reason, and what to do.
 */
import type { Config } from './schema.js';

/** A refused combination: the keys at fault and the reason, with what to do. */
interface Refusal {
  readonly keys: readonly string[];
  readonly reason: string;
}

/**
 * All combinations in `config` that cannot work; an empty list when it is sound. `rewardFunctions`: the run has rewards beside those
 * of the configuration.
 */
export function refusals(config: Config, rewardFunctions = false): Refusal[] {
  const { actors, sampling, learner, rewards } = config;
  const found: Refusal[] = [];
  const refuse = (keys: readonly string[], reason: string) => found.push({ keys, reason });

  if (sampling.groupSize === 1) {
    refuse(
      ['sampling.groupSize'],
      'a group of one has no advantage (its reward equals its mean), so nothing would be learned; use at least 2',
    );
  }
  if (sampling.topK === 1) {
    refuse(
      ['sampling.topK'],
      'one token to choose from makes all completions of a group equal, so no advantage is left; use 0 (off) or at least 2',
    );
  }
  if (learner.shuffleRewards && (config.strategy === 'tree' || config.strategy === 'anneal')) {
    refuse(
      ['learner.shuffleRewards', 'strategy'],
      'a searched tree brings its own advantages, which no shuffling reaches; use another strategy for the control',
    );
  }
  if (learner.delta !== null && learner.loss === 'cispo') {
    refuse(
      ['learner.delta', 'learner.loss'],
      'the cispo loss bounds its weights by cispoEpsilonMax alone, delta would do nothing; set delta to null',
    );
  } else if (learner.delta !== null && learner.delta <= 1 + learner.epsilonHigh) {
    refuse(
      ['learner.delta', 'learner.epsilonHigh'],
      `the two-sided clip must lie above 1 + epsilonHigh = ${1 + learner.epsilonHigh}, or it would undo the upper clip`,
    );
  }
  if (learner.tokensPerMicroBatch <= sampling.maxCompletionTokens) {
    refuse(
      ['learner.tokensPerMicroBatch', 'sampling.maxCompletionTokens'],
      'one sequence (prompt and completion) must fit into a micro-batch; raise tokensPerMicroBatch or lower maxCompletionTokens',
    );
  }
  if (config.data.path === null && config.data.onBadRow !== 'fail') {
    refuse(['data.onBadRow', 'data.path'], 'the generated dataset has no bad rows; name a file in data.path');
  }
  if (config.data.path === null && config.data.format !== 'own') {
    refuse(['data.format', 'data.path'], 'only a file has a format; name one in data.path');
  }
  const { tunix, judge, sandbox } = rewards;
  const outcomeWeight = rewards.answer + tunix.checkAnswer + tunix.checkNumbers + sandbox.weight;
  if (outcomeWeight === 0 && rewards.files.length === 0 && !rewardFunctions) {
    refuse(
      ['rewards.answer'],
      'no reward says whether a problem was solved, so every group would be dead; give answer, tunix.checkAnswer or tunix.checkNumbers a weight',
    );
  }
  if ((judge.url === null) !== (judge.model === null)) {
    refuse(
      ['rewards.judge.url', 'rewards.judge.model'],
      'a judge needs both an endpoint and a model; one alone would do nothing',
    );
  }
  if (rewards.files.length > 0 && actors.scorer === 0) {
    refuse(
      ['rewards.files', 'actors.scorer'],
      'a reward of your own may hang, and only a scoring thread can be ended; use at least one scorer',
    );
  }
  if (sandbox.weight > 0 && actors.scorer === 0) {
    refuse(
      ['rewards.sandbox.weight', 'actors.scorer'],
      'a program may hang, and only a thread of its own can be ended; use at least one scorer',
    );
  }
  return found;
}
