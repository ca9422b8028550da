/**
 * The searcher: grows one tree for each task it is given, and sends it to the learner as one group.
 *
 * Invariants:
 * - every task ends in exactly one `group.completed` or `group.cancelled`; a tree is sent whole or not at all;
 * - a request that fails, or takes too long to sample and score, is made once more with the same numbers, of another sampler where there
 *   is one; then the tree is cancelled;
 * - which actor or sampler serves, how fast, and what was asked for twice changes no tree;
 * - the reference answer goes to the scorer only, never into a prompt;
 * - all completions of a tree come from one policy version.
 */

import type { Clock } from '../clock.js';
import type { Turn } from '../data/prompt.js';
import { DialecticError, toDialecticError } from '../errors.js';
import type {
  CancellationReason,
  CompletionsSampled,
  RewardRule,
  Rewards,
  Role,
  ScoringItem,
  TaskAssign,
  UntimedEvent,
} from '../protocol/index.js';
import type { ScaleOptions } from '../techniques/search/export.js';
import { type ContinuationRequest, OrderedSearch } from '../techniques/search/ordered-search.js';
import { scoreContinuations, textsOf } from '../techniques/search/sampled-continuations.js';
import { TreeSearch } from '../techniques/search/search.js';
import type { SearchOptions } from '../techniques/search/search-options.js';
import { treeGroup } from '../techniques/search/tree-group.js';
import { treeMetrics } from '../techniques/search/tree-metrics.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';
import type { CreditedEdge, EdgeOptions } from './kernel/edge.js';

/** What a tree may cost. */
export type TreeBudget = Pick<SearchOptions, 'maxRollouts' | 'maxTokens'>;

export interface SearcherOptions {
  /** Paths of the samplers; a problem's place in its update says which one is asked. */
  readonly samplers: readonly string[];
  readonly learner: string;
  readonly sampling: {
    readonly maxTokens: number;
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
  };
  /** How the search behaves; what it may cost follows from the task. */
  readonly search: Partial<
    Pick<SearchOptions, 'seed' | 'selection' | 'width' | 'maxDraws' | 'maxDepth' | 'minCompletionTokens'>
  >;
  readonly budget: (groupSize: number) => TreeBudget;
  /** Continuations of one tree that may be sampled at once. */
  readonly workers: number;
  /** Token ids of the prompt for a question. */
  readonly encodePrompt: (question: string, role: Role, turns: readonly Turn[]) => Int32Array;
  readonly decode: (tokens: Int32Array) => string;
  /** The text between the answer tags of a completion; null where that cannot be read. */
  readonly readAnswer: (completion: string) => string | null;
  readonly score: (batch: readonly ScoringItem[]) => Promise<Rewards>;
  /** Rewards by name. The search is guided by the outcome rewards, the advantages are of all. */
  readonly rules: Readonly<Record<string, RewardRule>>;
  readonly advantages: ScaleOptions;
  readonly clock: Clock;
  /** How long sampling and scoring of one request may take. */
  readonly requestDeadlineMs: number;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  readonly emit: (event: UntimedEvent) => void;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

/** About what a group of the forward role costs: as many rollouts as it has completions, and never more tokens. */
export function budgetOfGroup(maxCompletionTokens: number): (groupSize: number) => TreeBudget {
  return (groupSize) => ({ maxRollouts: groupSize, maxTokens: groupSize * maxCompletionTokens });
}

interface RunningTree {
  readonly task: TaskAssign;
  readonly dispatcher: string;
  readonly promptTokens: Int32Array; // [P]
  readonly ordered: OrderedSearch;
  readonly release: () => void;
  /** Of the first completions. */
  policyVersion: number | null;
  rewardNames: readonly string[];
  /** Prompt and prefix tokens of all requests; failed requests. */
  contextTokens: number;
  failedRequests: number;
}

/** A request that a sampler or the scorer works on. */
interface Asked {
  readonly running: RunningTree;
  readonly request: ContinuationRequest;
  readonly sampler: string;
  /** From 0. */
  readonly attempt: number;
  readonly cancelDeadline: () => void;
}

/** A request is made again after its first failure only. */
const MAX_ATTEMPTS = 2;
const EDGE_WINDOW = 256;

export function createSearcher(options: SearcherOptions): ActorFactory {
  return (incarnation) => {
    const { path, epoch } = incarnation;
    const trees = new Map<string, RunningTree>();
    const asked = new Map<string, Asked>();
    const toLearner = options.openEdge({ from: path, to: options.learner });
    const toSamplers = new Map(
      options.samplers.map((to) => [to, options.openEdge({ from: path, to, window: EDGE_WINDOW })]),
    );
    for (const sampler of options.samplers) incarnation.watch(sampler);
    const isRunning = (running: RunningTree): boolean => trees.get(running.task.taskId) === running;

    // ---- requests ----------------------------------------------------------------------------------------------

    const ask = (
      running: RunningTree,
      request: ContinuationRequest,
      attempt: number,
      failed: string | null,
    ): void => {
      const { taskId, update, promptIndex } = running.task;
      const alive = [...toSamplers.keys()];
      const others = alive.filter((each) => each !== failed);
      const choice = others.length > 0 ? others : alive;
      const sampler = choice[promptIndex % choice.length];
      if (sampler === undefined) {
        cancel(running, 'sampler_error', 'no sampler is left');
        return;
      }
      const { stream, prefixTokens, sampleCount, maxTokens } = request;
      const requestId = `${taskId}/${epoch}/${stream}.${attempt}`;
      const { clock, requestDeadlineMs } = options;
      const cancelDeadline = clock.setTimer(requestDeadlineMs, () =>
        failedRequest(requestId, 'sampler_error', `no scored completions within ${requestDeadlineMs} ms`),
      );
      asked.set(requestId, { running, request, sampler, attempt, cancelDeadline });
      const promptTokens = running.promptTokens.slice();
      running.contextTokens += promptTokens.length + prefixTokens.length;
      const isSent = toSamplers.get(sampler)!.send({
        kind: 'completions.request',
        purpose: 'rollout',
        ...{ requestId, stream, update, promptIndex, sampleCount, promptTokens, keepsCaches: true },
        prefixTokens: prefixTokens.slice(),
        ...options.sampling,
        maxTokens,
      });
      if (!isSent)
        failedRequest(requestId, 'sampler_error', `the edge from ${path} to ${sampler} refused a request`);
    };

    const take = (requestId: string): Asked | undefined => {
      const found = asked.get(requestId);
      asked.delete(requestId);
      found?.cancelDeadline();
      return found;
    };

    const failedRequest = (requestId: string, reason: CancellationReason, detail: string): void => {
      const found = take(requestId);
      if (!found) {
        late(requestId);
        return;
      }
      const { running, request, sampler, attempt } = found;
      running.failedRequests++;
      if (attempt + 1 < MAX_ATTEMPTS) ask(running, request, attempt + 1, sampler);
      else cancel(running, reason, `request ${request.stream} of a tree failed twice: ${detail}`);
    };

    const late = (requestId: string): void =>
      options.emit({
        type: 'warning',
        source: path,
        detail: `what came of request ${requestId} came too late`,
      });

    // ---- trees -------------------------------------------------------------------------------------------------

    const begin = (task: TaskAssign, context: ActorContext): void => {
      const { sampling, search, budget, workers } = options;
      let running: RunningTree;
      try {
        const promptTokens = options.encodePrompt(task.problem.question, 'forward', []);
        const limits = { maxCompletionTokens: sampling.maxTokens, exact: true, bestReward: 1 };
        const least = Math.min(search.minCompletionTokens ?? 16, sampling.maxTokens);
        const grown = new TreeSearch({
          ...search,
          ...budget(task.groupSize),
          ...limits,
          minCompletionTokens: least,
        });
        running = {
          ...{ task, promptTokens, ordered: new OrderedSearch(grown, workers) },
          ...{ policyVersion: null, rewardNames: [], contextTokens: 0, failedRequests: 0 },
          dispatcher: context.sender,
          release: context.keepCredit(),
        };
      } catch (error) {
        tellCancelled(task, 'sampler_error', toDialecticError(error).message);
        return;
      }
      trees.set(task.taskId, running);
      goOn(running);
    };

    const goOn = (running: RunningTree): void => {
      for (const request of running.ordered.takeRequests())
        if (isRunning(running)) ask(running, request, 0, null);
      if (running.ordered.reason !== null && isRunning(running)) finish(running);
    };

    /** Not awaited by the mailbox: a slow scorer holds up its own tree only. */
    const sampled = async (message: CompletionsSampled): Promise<void> => {
      const { requestId } = message;
      const found = asked.get(requestId);
      if (!found) {
        late(requestId);
        return;
      }
      const { running, request } = found;
      try {
        const texts = textsOf(request, message, options.decode);
        const { id: _id, family: _family, ...known } = running.task.problem;
        const rewards = await options.score(texts.map((completion) => ({ ...known, completion })));
        const continuations = scoreContinuations(request, message, texts, rewards, options);
        if (asked.get(requestId) !== found) return; // given up meanwhile, and told so
        running.policyVersion ??= message.policyVersion;
        running.rewardNames = rewards.names;
        if (running.policyVersion !== message.policyVersion) {
          const versions = `${running.policyVersion} and ${message.policyVersion}`;
          cancel(running, 'sampler_error', `completions of one tree came from policy versions ${versions}`);
          return;
        }
        take(requestId);
        for (const { nodeId } of running.ordered.accept(request.stream, continuations))
          tellExpanded(running, nodeId);
        goOn(running);
      } catch (error) {
        const { message: detail } = toDialecticError(error);
        if (asked.get(requestId) === found) failedRequest(requestId, 'scorer_error', detail);
        else cancel(running, 'scorer_error', detail);
      }
    };

    const finish = (running: RunningTree): void => {
      const { task, promptTokens, ordered, policyVersion, rewardNames } = running;
      const { rules, advantages, keepTexts } = options;
      const group = treeGroup(ordered.search.tree, ordered.rewardsOf, { ...advantages, rewardNames, rules });
      if (group === null || policyVersion === null) {
        cancel(running, 'sampler_error', `the search ended without a completion: ${ordered.reason}`);
        return;
      }
      const { taskId, update, promptIndex, problem } = task;
      const { texts, ...arrays } = group;
      const isSent = toLearner.send({
        kind: 'group.completed',
        ...{ groupId: taskId, taskId, update, promptIndex, endsTask: true },
        ...{ role: 'forward', problemId: problem.id, domain: problem.type, policyVersion, promptTokens },
        ...arrays,
        ...(keepTexts(update) ? { texts } : {}),
      });
      if (!isSent)
        throw new DialecticError('INTERNAL', `the edge from ${path} to the learner refused a group`);
      over(running);
    };

    const cancel = (running: RunningTree, reason: CancellationReason, detail: string): void => {
      if (!isRunning(running)) return;
      for (const { ticketId } of running.ordered.search.outstanding)
        running.ordered.search.cancel(ticketId, 'cancelled');
      over(running);
      tellCancelled(running.task, reason, detail);
    };

    const over = (running: RunningTree): void => {
      trees.delete(running.task.taskId);
      for (const [requestId, each] of [...asked]) if (each.running === running) take(requestId);
      running.release();
      const { ordered, task, contextTokens, failedRequests } = running;
      const { tree, counts } = ordered.search;
      options.emit({
        type: 'tree.ended',
        taskId: task.taskId,
        ...{ nodes: tree.size, simulations: counts.rollouts, tokenCount: counts.tokens },
        metrics: { ...treeMetrics(ordered), context_tokens: contextTokens, failed_requests: failedRequests },
      });
    };

    const tellExpanded = ({ task, ordered }: RunningTree, nodeId: number): void => {
      const { depth, visits, valueSum, children } = ordered.search.tree.node(nodeId);
      const value = valueSum / visits;
      options.emit({
        type: 'tree.expanded',
        ...{ taskId: task.taskId, depth, visits, value, children: children.length },
      });
    };

    const tellCancelled = (task: TaskAssign, reason: CancellationReason, detail: string): void => {
      const { taskId, update, promptIndex } = task;
      const identity = { groupId: taskId, taskId, update, promptIndex, endsTask: true };
      toLearner.send({ kind: 'group.cancelled', ...identity, reason, detail });
    };

    incarnation.onEnd((reason) => {
      for (const running of [...trees.values()]) {
        over(running);
        const { taskId, update, promptIndex } = running.task;
        const detail = `${path} ended: ${reason}`;
        incarnation.tell(running.dispatcher, { kind: 'task.returned', taskId, update, promptIndex, detail });
      }
      for (const edge of toSamplers.values()) edge.close();
    });

    const samplerGone = (sampler: string, reason: string): void => {
      toSamplers.get(sampler)?.close();
      toSamplers.delete(sampler);
      for (const [requestId, each] of [...asked])
        if (each.sampler === sampler && asked.has(requestId))
          failedRequest(requestId, 'sampler_error', `${sampler} ended: ${reason}`);
    };

    return (message, context) => {
      switch (message.kind) {
        case 'task.assign':
          begin(message, context);
          return;
        case 'completions.sampled':
          void sampled(message);
          return;
        case 'completions.failed':
          failedRequest(message.requestId, 'sampler_error', message.detail);
          return;
        case 'actor.terminated':
          samplerGone(message.path, message.reason);
      }
    };
  };
}
