/**
 * The forward role: reasons from the question to an answer. One task becomes one group of scored completions.
 *
 * Invariants:
 * - every task ends in exactly one `group.completed` or `group.cancelled` to the learner;
 * - the reference answer goes to the scorer only, never into a prompt;
 * - a task is not handed to a sampler that is known to be gone.
 */

import { DialecticError, toDialecticError } from '../../protocol/errors.js';
import type {
  CancellationReason,
  CompletionsSampled,
  GroupCompleted,
  Message,
  Problem,
  TaskAssign,
} from '../../protocol/index.js';
import type { ActorContext, ActorFactory } from '../system/actor.js';
import type { CreditedEdge, EdgeOptions } from '../system/edge.js';

/** Rewards of a group, as the scorers give them. */
export interface GroupRewards {
  readonly names: readonly string[]; // [K]
  readonly values: Float32Array; // [K, G]
  readonly scored: Uint8Array; // [G]
}

/** One completion and what a scorer may know of its problem. */
export interface CompletionToScore extends Readonly<Omit<Problem, 'id' | 'family'>> {
  readonly completion: string;
}

export interface SamplingSettings {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface ForwardOptions {
  /** Paths of the samplers; a problem's place in its update says which one it asks. */
  readonly samplers: readonly string[];
  readonly learner: string;
  readonly sampling: SamplingSettings;
  /** Token ids of the prompt for a question. */
  readonly encodePrompt: (question: string) => Int32Array;
  readonly decode: (tokens: Int32Array) => string;
  readonly score: (batch: readonly CompletionToScore[]) => Promise<GroupRewards>;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

interface Task {
  readonly assignment: TaskAssign;
  readonly promptTokens: Int32Array;
  readonly sampler: string;
  readonly release: () => void;
}

export function createForwardRole(options: ForwardOptions): ActorFactory {
  return (incarnation) => {
    const { path } = incarnation;
    const tasks = new Map<string, Task>();
    const toLearner = options.openEdge({ from: path, to: options.learner });
    const toSamplers = new Map(options.samplers.map((to) => [to, options.openEdge({ from: path, to })]));
    for (const sampler of options.samplers) incarnation.watch(sampler);

    const cancel = (assignment: TaskAssign, reason: CancellationReason, detail: string): void => {
      const { taskId, update, promptIndex } = assignment;
      toLearner.send({
        kind: 'group.cancelled',
        endsTask: true,
        groupId: taskId,
        taskId,
        update,
        promptIndex,
        reason,
        detail,
      });
    };
    const finish = (requestId: string): Task | undefined => {
      const task = tasks.get(requestId);
      tasks.delete(requestId);
      task?.release();
      return task;
    };
    incarnation.onEnd((reason) => {
      for (const { assignment } of tasks.values())
        cancel(assignment, 'actor_terminated', `${path} ended: ${reason}`);
      tasks.clear();
      for (const edge of toSamplers.values()) edge.close();
    });

    const assign = (assignment: TaskAssign, context: ActorContext): void => {
      const alive = [...toSamplers.keys()];
      const sampler = alive[assignment.promptIndex % alive.length];
      if (sampler === undefined) {
        cancel(assignment, 'sampler_error', 'no sampler is left');
        return;
      }
      let promptTokens: Int32Array;
      try {
        promptTokens = options.encodePrompt(assignment.problem.question);
      } catch (error) {
        cancel(assignment, 'sampler_error', toDialecticError(error).message);
        return;
      }
      const requestId = `${assignment.taskId}/${incarnation.epoch}`;
      tasks.set(requestId, { assignment, promptTokens, sampler, release: context.keepCredit() });
      const isSent = toSamplers.get(sampler)!.send({
        kind: 'completions.request',
        requestId,
        purpose: 'rollout',
        stream: 0,
        update: assignment.update,
        promptIndex: assignment.promptIndex,
        promptTokens: promptTokens.slice(),
        sampleCount: assignment.groupSize,
        ...options.sampling,
      });
      if (isSent) return;
      finish(requestId);
      cancel(assignment, 'sampler_error', `the edge from ${path} to ${sampler} refused a request`);
    };

    const complete = async (message: CompletionsSampled): Promise<void> => {
      const task = tasks.get(message.requestId);
      if (!task) return;
      const texts = cut(message.tokens, message.lengths).map(options.decode);
      const { id: _id, family: _family, ...known } = task.assignment.problem;
      try {
        const rewards = await options.score(texts.map((completion) => ({ ...known, completion })));
        if (
          !toLearner.send(
            groupOf(task, message, rewards, options.keepTexts(task.assignment.update) ? texts : null),
          )
        ) {
          throw new DialecticError('INTERNAL', `the edge from ${path} to the learner refused a group`);
        }
      } catch (error) {
        cancel(task.assignment, 'scorer_error', toDialecticError(error).message);
      } finally {
        finish(message.requestId);
      }
    };

    const samplerGone = (sampler: string, reason: string): void => {
      toSamplers.get(sampler)?.close();
      toSamplers.delete(sampler);
      for (const [requestId, task] of tasks) {
        if (task.sampler !== sampler) continue;
        finish(requestId);
        cancel(task.assignment, 'sampler_error', `${sampler} ended: ${reason}`);
      }
    };

    return (message: Message, context) => {
      switch (message.kind) {
        case 'task.assign':
          assign(message, context);
          return;
        case 'completions.sampled':
          return complete(message);
        case 'completions.failed': {
          const task = finish(message.requestId);
          if (task) cancel(task.assignment, 'sampler_error', message.detail);
          return;
        }
        case 'actor.terminated':
          samplerGone(message.path, message.reason);
      }
    };
  };
}

/** Pieces of concatenated completions. */
function cut(tokens: Int32Array, lengths: Int32Array): Int32Array[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return tokens.subarray(end - length, end);
  });
}

function groupOf(
  { assignment, promptTokens }: Task,
  sampled: CompletionsSampled,
  rewards: GroupRewards,
  texts: string[] | null,
): GroupCompleted {
  const { taskId, update, promptIndex, problem } = assignment;
  const { policyVersion, tokens, lengths, logProbs, supportLogMass, stopped } = sampled;
  return {
    kind: 'group.completed',
    endsTask: true,
    groupId: taskId,
    taskId,
    update,
    promptIndex,
    role: 'forward',
    problemId: problem.id,
    domain: problem.type,
    policyVersion,
    promptTokens,
    tokens,
    lengths,
    logProbs,
    supportLogMass,
    stopped,
    rewardNames: [...rewards.names],
    rewards: rewards.values,
    scored: rewards.scored,
    ...(texts === null ? {} : { texts }),
  };
}
