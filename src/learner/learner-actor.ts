/**
 * The learner as an actor: groups stream in, one update at a time is applied, published and reported.
 *
 * Invariants:
 * - an update is reported as completed only after every living sampler proved that it holds the new version;
 * - trajectories of cancelled groups are counted, so that the outcomes of an update cover all that was asked for;
 * - messages number updates from 0, the key of their randomness; events from 1, as people count.
 */
import { Subject } from 'rxjs';
import type { ActorContext, ActorFactory } from '../actors/kernel/actor.js';
import type { Clock } from '../clock.js';
import {
  DialecticError,
  type GroupCancelled,
  type GroupCompleted,
  type GroupResult,
  noOutcomes,
  type Outcome,
  type PolicyPublished,
  type UntimedEvent,
} from '../protocol/index.js';
import { type Arrival, type Collected, collectUpdates } from './collect.js';
import type { Learner, UpdateResult } from './learner.js';
import { outcomeShares, rolloutMetrics } from './metrics.js';
import type { Publication } from './publication.js';
import { trajectoriesOf } from './trajectories.js';

interface LearnerActorOptions {
  readonly learner: Learner;
  readonly publication: Publication;
  /** Paths of the samplers that must hold every version. */
  readonly samplers: readonly string[];
  readonly groupSize: number;
  readonly rewardWeights: Readonly<Record<string, number>>;
  /** Names of the rewards that decide whether a group is alive. */
  readonly outcomeRewards: ReadonlySet<string>;
  readonly emit: (event: UntimedEvent) => void;
  /** Milliseconds by some clock, for the time an update takes. */
  readonly now: () => number;
  readonly clock: Clock;
  /** Sees the groups of an update, for sample files. */
  readonly onGroups: (update: number, groups: readonly GroupCompleted[]) => void;
}

const OUTCOME_OF: Record<GroupCancelled['reason'], Outcome> = {
  scorer_error: 'scorer_error',
  not_finite: 'scorer_error',
  sampler_error: 'cancelled',
  actor_terminated: 'cancelled',
  shutdown: 'cancelled',
};

/** The log-probabilities of sampler and learner are the same function in float32; beyond this the run says so. */
const PARITY_BOUND = 1e-4;
/** A sampler answers the announcement of a version within a decode step. */
const PROOF_PATIENCE_MS = 30_000;

export function createLearnerActor(options: LearnerActorOptions): ActorFactory {
  return (incarnation) => {
    const arrivals = new Subject<Arrival>();
    const ready: Collected[] = [];
    const samplers = new Set(options.samplers);
    const unproven = new Set<string>();
    let awaited: PolicyPublished | null = null;
    let report: (() => void) | null = null;
    let cancelReminder = (): void => {};
    incarnation.onEnd(() => cancelReminder());
    let dispatcher = '';
    let tokens = 0;
    for (const sampler of options.samplers) incarnation.watch(sampler);
    collectUpdates(arrivals, (arrival) =>
      options.emit({
        type: 'warning',
        source: incarnation.path,
        detail: `${arrival.kind} of ${arrival.taskId} came late`,
      }),
    ).subscribe((collected) => ready.push(collected));

    const apply = (collected: Collected, context: ActorContext): void => {
      const { update, completed, cancelled } = collected;
      const lost = noOutcomes();
      for (const { reason } of cancelled) lost[OUTCOME_OF[reason]] += options.groupSize;
      const start = options.now();
      const result = options.learner.update(update, completed, lost);
      const seconds = (options.now() - start) / 1000;
      emitGroups(collected, result, options);
      const rollout = rolloutMetrics(inOrder(completed), options.rewardWeights, tokens);
      tokens = rollout.num_tokens;
      const metrics = {
        ...rollout,
        ...result.metrics,
        ...outcomeShares(result.outcomes),
        'time/learner': seconds,
        'tokens_per_second/learner': result.packedTokens / seconds,
      };
      warnOfMismatch(result, incarnation.path, options);
      if (!Number.isFinite(result.metrics.grad_norm)) {
        const detail = `the gradient of update ${update + 1} is not finite: the policy was left as it is`;
        options.emit({ type: 'warning', source: incarnation.path, detail });
      }
      options.onGroups(update, inOrder(completed));
      report = () => {
        const policyVersion = options.publication.version;
        context.tell(dispatcher, {
          kind: 'update.completed',
          update,
          policyVersion,
          metrics,
          outcomes: result.outcomes,
          groups: inOrder(completed).map((group) => resultOf(group, options.outcomeRewards)),
        });
      };
      if (result.applied) publish(context);
      reportIfProven();
    };

    const publish = (context: ActorContext): void => {
      awaited = options.publication.publish();
      const { version, probeHash } = awaited;
      options.emit({ type: 'policy.published', version, probeHash });
      for (const sampler of samplers) {
        unproven.add(sampler);
        context.tell(sampler, { ...awaited });
      }
      remind(version, 1);
    };

    /** Warns every so often of the samplers that the update waits for. */
    const remind = (version: number, times: number): void => {
      cancelReminder = options.clock.setTimer(PROOF_PATIENCE_MS, () => {
        for (const sampler of unproven) {
          const detail = `${sampler} has not shown for ${(times * PROOF_PATIENCE_MS) / 1000} s that it holds policy version ${version}`;
          options.emit({ type: 'warning', source: incarnation.path, detail });
        }
        remind(version, times + 1);
      });
    };

    const reportIfProven = (): void => {
      if (unproven.size > 0) return;
      cancelReminder();
      report?.();
      report = null;
    };

    const onLoaded = (sampler: string, version: number, probeHash: string): void => {
      if (version !== awaited?.version) return;
      if (probeHash !== awaited.probeHash) {
        throw new DialecticError(
          'INTERNAL',
          `${sampler} holds other weights than policy version ${version}: probe ${probeHash}, expected ${awaited.probeHash}`,
        );
      }
      options.emit({ type: 'policy.loaded', sampler, version, probeHash });
      unproven.delete(sampler);
      reportIfProven();
    };

    return (message, context) => {
      switch (message.kind) {
        case 'update.begin':
          dispatcher = context.sender;
          arrivals.next(message);
          break;
        case 'group.completed':
        case 'group.cancelled':
          arrivals.next(message);
          break;
        case 'policy.loaded':
          onLoaded(context.sender, message.version, message.probeHash);
          break;
        case 'actor.terminated':
          samplers.delete(message.path);
          unproven.delete(message.path);
          reportIfProven();
      }
      for (const collected of ready.splice(0)) apply(collected, context);
    };
  };
}

/** Groups by prompt and name, so that sums do not depend on who was fastest. */
function inOrder(groups: readonly GroupCompleted[]): GroupCompleted[] {
  return [...groups].sort((a, b) => a.promptIndex - b.promptIndex || (a.groupId < b.groupId ? -1 : 1));
}

/** Mean outcome reward over scored trajectories, found by a search or not, each reward as it was given, without its weight. */
function resultOf(group: GroupCompleted, outcomeRewards: ReadonlySet<string>): GroupResult {
  const size = group.lengths.length;
  let sum = 0;
  let sampleCount = 0;
  for (const { index } of trajectoriesOf(group)) {
    const column = group.rewardNames.flatMap((name, k) =>
      outcomeRewards.has(name) ? [group.rewards[k * size + index]!] : [],
    );
    if (group.scored[index] !== 1 || column.length === 0 || !column.every(Number.isFinite)) continue;
    sum += column.reduce((total, reward) => total + reward, 0) / column.length;
    sampleCount++;
  }
  const { promptIndex, role } = group;
  const outcomeMean = sampleCount === 0 ? 0 : sum / sampleCount;
  return { promptIndex, role, outcomeMean, sampleCount, tokenCount: group.tokens.length };
}

function emitGroups(
  { completed, cancelled }: Collected,
  { dropped }: UpdateResult,
  options: LearnerActorOptions,
): void {
  for (const group of inOrder(completed)) {
    const { groupId, update, promptIndex, role, domain, policyVersion, tokens } = group;
    const rewardMean = rolloutMetrics([group], options.rewardWeights, 0).reward;
    options.emit({
      type: 'group.completed',
      groupId,
      update: update + 1,
      promptIndex,
      role,
      domain,
      policyVersion,
      groupSize: trajectoriesOf(group).length,
      tokenCount: tokens.length,
      rewardMean,
    });
  }
  for (const { group, outcome, detail } of dropped) {
    const { groupId, update, promptIndex } = group;
    options.emit({
      type: 'group.dropped',
      groupId,
      update: update + 1,
      promptIndex,
      outcome,
      detail,
    });
  }
  for (const { groupId, update, promptIndex, reason, detail } of cancelled) {
    options.emit({
      type: 'group.dropped',
      groupId,
      update: update + 1,
      promptIndex,
      outcome: OUTCOME_OF[reason],
      detail,
    });
  }
}

function warnOfMismatch(result: UpdateResult, source: string, { emit }: LearnerActorOptions): void {
  const difference = result.metrics['sampling/sampling_logp_difference/max'] ?? 0;
  if (difference > PARITY_BOUND) {
    const detail = `log-probabilities of sampler and learner differ by up to ${difference.toExponential(1)}, expected at most ${PARITY_BOUND}`;
    emit({ type: 'warning', source, detail });
  }
}
