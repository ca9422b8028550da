/**
 * What the four roles share: a prompt goes to a sampler, its completions are scored, and whoever asked gets them.
 *
 * A turn of a debate is answered to its moderator; a task of one role alone becomes one group for the learner.
 *
 * Invariants:
 * - every task ends in exactly one `group.completed` or `group.cancelled`, or is given back by an actor that ends; every turn ends in
 *   one `turn.completed` or `turn.failed`;
 * - the reference answer goes to the scorer only, never into a prompt;
 * - what comes out does not depend on which actor did it: the request's numbers key its randomness;
 * - nothing is handed to a sampler that is known to be gone.
 */

import type { Clock } from '../clock.js';
import type { Turn } from '../data/prompt.js';
import { DialecticError, toDialecticError } from '../errors.js';
import type {
  CancellationReason,
  CompletionsSampled,
  Rewards,
  Role,
  ScoringItem,
  TaskAssign,
  TurnRequest,
} from '../protocol/index.js';
import { streamOf } from '../techniques/debate/debate.js';
import { soloGroup } from '../techniques/debate/groups.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';
import type { CreditedEdge, EdgeOptions } from './kernel/edge.js';

export interface SamplingSettings {
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
}

export interface RoleOptions {
  /** Paths of the samplers; a problem's place in its update says which one is asked. */
  readonly samplers: readonly string[];
  readonly sampling: SamplingSettings;
  /** Token ids of the prompt for a question: of a role, after what others said. */
  readonly encodePrompt: (question: string, role: Role, turns: readonly Turn[]) => Int32Array;
  readonly decode: (tokens: Int32Array) => string;
  readonly score: (batch: readonly ScoringItem[]) => Promise<Rewards>;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  /** How long a sampler may take to answer; without it, it may take for ever. */
  readonly deadline?: { readonly clock: Clock; readonly ms: number };
}

/** A role that also takes tasks of its own. */
export interface SoloRoleOptions extends RoleOptions {
  readonly learner: string;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

/** What was sampled of a prompt, decoded and scored. */
export interface ScoredCompletions {
  readonly promptTokens: Int32Array; // [P]
  readonly sampled: CompletionsSampled;
  readonly texts: string[]; // [G]
  readonly rewards: Rewards;
}

/** What to sample, and who is told. */
interface Work {
  readonly name: string;
  readonly request: Pick<
    TurnRequest,
    'update' | 'promptIndex' | 'stream' | 'problem' | 'turns' | 'sampleCount'
  >;
  /** False if the result was refused. */
  readonly complete: (result: ScoredCompletions) => boolean;
  readonly fail: (reason: CancellationReason, detail: string) => void;
}

interface Job {
  readonly work: Work;
  readonly promptTokens: Int32Array;
  readonly sampler: string;
  readonly release: () => void;
}

/** An actor of `role`; takes turns, and tasks of the strategy with the role's name where `solo` says where they go. */
export function createRole(role: Role, options: RoleOptions, solo: SoloRoleOptions | null): ActorFactory {
  return (incarnation) => {
    const { path } = incarnation;
    const jobs = new Map<string, Job>();
    const toLearner = solo && options.openEdge({ from: path, to: solo.learner });
    const toSamplers = new Map(options.samplers.map((to) => [to, options.openEdge({ from: path, to })]));
    for (const sampler of options.samplers) incarnation.watch(sampler);

    const finish = (requestId: string): Work | undefined => {
      const job = jobs.get(requestId);
      jobs.delete(requestId);
      job?.release();
      return job?.work;
    };
    incarnation.onEnd((reason) => {
      for (const requestId of [...jobs.keys()])
        finish(requestId)?.fail('actor_terminated', `${path} ended: ${reason}`);
      for (const edge of toSamplers.values()) edge.close();
    });

    // ---- who is told -------------------------------------------------------------------------------------------

    const turnWork = (message: TurnRequest, moderator: string): Work => {
      const { turnId } = message;
      return {
        name: turnId,
        request: message,
        complete: ({ promptTokens, sampled, texts, rewards }) => {
          const { kind: _kind, requestId: _requestId, ...arrays } = sampled;
          const { names, values, scored } = rewards;
          const scores = { rewardNames: [...names], rewards: values, scored };
          return incarnation.tell(moderator, {
            kind: 'turn.completed',
            ...{ turnId, role, promptTokens, ...arrays, texts, ...scores },
          });
        },
        fail: (reason, detail) =>
          void incarnation.tell(moderator, { kind: 'turn.failed', turnId, reason, detail }),
      };
    };

    const taskWork = (
      task: TaskAssign,
      own: SoloRoleOptions,
      learner: CreditedEdge,
      dispatcher: string,
    ): Work => ({
      name: task.taskId,
      request: { ...task, stream: streamOf(role, 0), turns: [], sampleCount: task.groupSize },
      complete: (result) => learner.send(soloGroup(task, role, result, own.keepTexts(task.update))),
      fail: (reason, detail) => {
        const { taskId, update, promptIndex } = task;
        const place = { taskId, update, promptIndex };
        if (reason === 'actor_terminated')
          incarnation.tell(dispatcher, { kind: 'task.returned', ...place, detail });
        else
          learner.send({
            kind: 'group.cancelled',
            groupId: taskId,
            ...place,
            endsTask: true,
            reason,
            detail,
          });
      },
    });

    // ---- from a prompt to scored completions -------------------------------------------------------------------

    const start = (work: Work, context: ActorContext): void => {
      const { update, promptIndex, stream, problem, turns, sampleCount } = work.request;
      const alive = [...toSamplers.keys()];
      const sampler = alive[promptIndex % alive.length];
      if (sampler === undefined) {
        work.fail('sampler_error', 'no sampler is left');
        return;
      }
      let promptTokens: Int32Array;
      try {
        promptTokens = options.encodePrompt(problem.question, role, turns);
      } catch (error) {
        work.fail('sampler_error', toDialecticError(error).message);
        return;
      }
      const requestId = `${work.name}/${incarnation.epoch}`;
      jobs.set(requestId, {
        work,
        promptTokens,
        sampler,
        release: holdUntilDone(requestId, sampler, context),
      });
      const isSent = toSamplers.get(sampler)!.send({
        kind: 'completions.request',
        purpose: 'rollout',
        ...{ requestId, stream, update, promptIndex, sampleCount },
        promptTokens: promptTokens.slice(),
        ...options.sampling,
      });
      if (!isSent)
        finish(requestId)?.fail('sampler_error', `the edge from ${path} to ${sampler} refused a request`);
    };

    /** Keeps the credit of the message in hand, and gives the job up when its time is over. */
    const holdUntilDone = (requestId: string, sampler: string, context: ActorContext): (() => void) => {
      const returnCredit = context.keepCredit();
      const { deadline } = options;
      const cancel = deadline?.clock.setTimer(deadline.ms, () =>
        finish(requestId)?.fail('sampler_error', `${sampler} did not answer within ${deadline.ms} ms`),
      );
      return () => {
        cancel?.();
        returnCredit();
      };
    };

    const complete = async (sampled: CompletionsSampled): Promise<void> => {
      const job = jobs.get(sampled.requestId);
      if (!job) return;
      const { work, promptTokens } = job;
      const texts = cut(sampled.tokens, sampled.lengths).map(options.decode);
      const { id: _id, family: _family, ...known } = work.request.problem;
      try {
        const rewards = await options.score(texts.map((completion) => ({ ...known, completion })));
        if (jobs.get(sampled.requestId) !== job) return; // given up meanwhile, and told so
        if (!work.complete({ promptTokens, sampled, texts, rewards }))
          throw new DialecticError('INTERNAL', `what ${path} made of ${work.name} was refused`);
      } catch (error) {
        if (jobs.get(sampled.requestId) === job) work.fail('scorer_error', toDialecticError(error).message);
      } finally {
        finish(sampled.requestId);
      }
    };

    const samplerGone = (sampler: string, reason: string): void => {
      toSamplers.get(sampler)?.close();
      toSamplers.delete(sampler);
      for (const [requestId, job] of jobs) {
        if (job.sampler === sampler) finish(requestId)?.fail('sampler_error', `${sampler} ended: ${reason}`);
      }
    };

    return (message, context) => {
      switch (message.kind) {
        case 'turn.request': {
          const work = turnWork(message, context.sender);
          if (message.role === role) start(work, context);
          else work.fail('sampler_error', `${path} is a ${role} and cannot take a turn of ${message.role}`);
          return;
        }
        case 'task.assign':
          if (!solo || !toLearner)
            throw new DialecticError(
              'INTERNAL',
              `${path} takes turns of debates only, not ${message.taskId}`,
            );
          start(taskWork(message, solo, toLearner, context.sender), context);
          return;
        case 'completions.sampled':
          return complete(message);
        case 'completions.failed':
          finish(message.requestId)?.fail('sampler_error', message.detail);
          return;
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
