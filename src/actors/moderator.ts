/**
 * The moderator: runs one debate for each task it is given, and sends the learner its groups.
 *
 * Invariants:
 * - a debate's groups reach the learner together and whole, or not at all: exactly one message says that the task is over;
 * - a turn that fails, or is not answered in time, is asked for once more, of another actor of the role where there is one;
 *   then the debate is cancelled;
 * - which actor serves changes no result: a turn's numbers key its randomness.
 */

import type { Clock } from '../clock.js';
import { DialecticError } from '../errors.js';
import type {
  CancellationReason,
  GroupCompleted,
  Problem,
  Role,
  TaskAssign,
  TurnCompleted,
  UntimedEvent,
} from '../protocol/index.js';
import { type Answer, quoted } from '../techniques/debate/answers.js';
import {
  Debate,
  type DebateOptions,
  type DebateOutcome,
  type DebateTurn,
} from '../techniques/debate/debate.js';
import { debateMetrics } from '../techniques/debate/debate-metrics.js';
import { answerGroup, outcomes, type RoleTurn, roleTurn, skepticGroup } from '../techniques/debate/groups.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';
import type { CreditedEdge, EdgeOptions } from './kernel/edge.js';

export interface ModeratorOptions {
  /** Paths of the actors that take turns, by role; a problem's place in its update says which one is asked. */
  readonly actors: Readonly<Record<Role, readonly string[]>>;
  readonly learner: string;
  /** Completions of a turn by role, for a task of `groupSize` completions. */
  readonly samplesPerTurn: (groupSize: number) => DebateOptions['samplesPerTurn'];
  readonly maxRounds: number;
  /** The text between the answer tags of a completion; null where that cannot be read. */
  readonly readAnswer: (completion: string) => Answer;
  /** Whether two answers to a problem are the same. */
  readonly sameAnswer: (a: string, b: string, problem: Problem) => boolean;
  /** Weights of the rewards that say whether an answer is right, by name; the others are shaping. */
  readonly outcomeWeights: Readonly<Record<string, number>>;
  readonly clock: Clock;
  /** How long a turn may take. */
  readonly turnDeadlineMs: number;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
  readonly emit: (event: UntimedEvent) => void;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

/** Half of a task's completions for each turn, at least two: a group of one teaches nothing, one of two is dead four times in five. */
export function halfOfGroup(groupSize: number): DebateOptions['samplesPerTurn'] {
  const count = Math.max(2, Math.round(groupSize / 2));
  return { forward: count, backward: count, skeptic: count, synthesizer: count };
}

interface RunningDebate {
  readonly task: TaskAssign;
  readonly dispatcher: string;
  readonly debate: Debate;
  /** Turns that were asked for at least once. */
  readonly begun: Set<string>;
  readonly turns: Map<string, RoleTurn<Role>>;
  readonly release: () => void;
}

/** A turn that an actor works on. */
interface Asked {
  readonly running: RunningDebate;
  readonly turn: DebateTurn;
  readonly actor: string;
  /** From 0. */
  readonly attempt: number;
  readonly cancelDeadline: () => void;
}

/** A turn is asked for again after its first failure only. */
const MAX_ATTEMPTS = 2;
/** A refused group would leave its debate in pieces. */
const MAX_QUEUED_GROUPS = 1_000_000;

export function createModerator(options: ModeratorOptions): ActorFactory {
  return (incarnation) => {
    const { path, epoch } = incarnation;
    const debates = new Map<string, RunningDebate>();
    const asked = new Map<string, Asked>();
    const toLearner = options.openEdge({ from: path, to: options.learner, maxQueued: MAX_QUEUED_GROUPS });
    const actors = new Set(Object.values(options.actors).flat());
    const toActors = new Map([...actors].map((to) => [to, options.openEdge({ from: path, to })]));
    for (const actor of toActors.keys()) incarnation.watch(actor);

    // ---- asking ------------------------------------------------------------------------------------------------

    const ask = (running: RunningDebate, turn: DebateTurn, attempt: number, failed: string | null): void => {
      const { task } = running;
      const alive = options.actors[turn.role].filter((each) => toActors.has(each));
      const others = alive.filter((each) => each !== failed);
      const choice = others.length > 0 ? others : alive;
      const actor = choice[task.promptIndex % choice.length];
      if (actor === undefined) {
        cancel(running, 'actor_terminated', `no ${turn.role} is left for turn ${turn.id}`);
        return;
      }
      const turnId = `${task.taskId}/${turn.id}/${epoch}.${attempt}`;
      const { turnDeadlineMs, clock } = options;
      const cancelDeadline = clock.setTimer(turnDeadlineMs, () =>
        failedTurn(turnId, 'actor_terminated', `${actor} did not answer within ${turnDeadlineMs} ms`),
      );
      asked.set(turnId, { running, turn, actor, attempt, cancelDeadline });
      const isSent = toActors.get(actor)!.send({
        kind: 'turn.request',
        turnId,
        role: turn.role,
        round: turn.round,
        update: task.update,
        promptIndex: task.promptIndex,
        stream: turn.stream,
        problem: task.problem,
        turns: [...turn.turns],
        sampleCount: turn.sampleCount,
      });
      if (!isSent) failedTurn(turnId, 'actor_terminated', `the edge from ${path} to ${actor} refused a turn`);
    };

    const take = (turnId: string): Asked | undefined => {
      const found = asked.get(turnId);
      asked.delete(turnId);
      found?.cancelDeadline();
      return found;
    };

    const failedTurn = (turnId: string, reason: CancellationReason, detail: string): void => {
      const found = take(turnId);
      if (!found) {
        late(turnId);
        return;
      }
      const { running, turn, actor, attempt } = found;
      if (attempt + 1 < MAX_ATTEMPTS) ask(running, turn, attempt + 1, actor);
      else cancel(running, reason, `turn ${turn.id} failed twice: ${detail}`);
    };

    const late = (turnId: string): void =>
      options.emit({ type: 'warning', source: path, detail: `what came of turn ${turnId} came too late` });

    const askOpenTurns = (running: RunningDebate): void => {
      for (const turn of running.debate.requests()) {
        if (!isRunning(running)) return;
        if (running.begun.has(turn.id)) continue;
        running.begun.add(turn.id);
        ask(running, turn, 0, null);
      }
    };

    const isRunning = ({ task }: RunningDebate): boolean => debates.has(task.taskId);

    // ---- debates -----------------------------------------------------------------------------------------------

    const begin = (task: TaskAssign, context: ActorContext): void => {
      const debate = new Debate({
        samplesPerTurn: options.samplesPerTurn(task.groupSize),
        maxRounds: options.maxRounds,
        equivalent: (a, b) => options.sameAnswer(a, b, task.problem),
        withCredit: true,
      });
      const running = {
        task,
        debate,
        begun: new Set<string>(),
        turns: new Map(),
        dispatcher: context.sender,
        release: context.keepCredit(),
      };
      debates.set(task.taskId, running);
      askOpenTurns(running);
    };

    const completed = (message: TurnCompleted): void => {
      const found = take(message.turnId);
      if (!found) {
        late(message.turnId);
        return;
      }
      const { running, turn } = found;
      const { debate, turns, task } = running;
      const answers = message.texts.map((text) => options.readAnswer(text)?.trim() || null);
      turns.set(turn.id, roleTurn(turn, message, answers));
      options.emit({
        type: 'debate.turn',
        ...{ taskId: task.taskId, role: turn.role, round: turn.round, sampleCount: turn.sampleCount },
        answers: countAnswers(answers),
        unreadable: answers.filter((answer) => answer === null).length,
      });
      debate.accept(turn.id, { answers, tokenCount: message.tokens.length });
      const outcome = debate.end();
      if (outcome) finish(running, outcome);
      else askOpenTurns(running);
    };

    const finish = (running: RunningDebate, outcome: DebateOutcome): void => {
      const { task, turns } = running;
      const metrics = debateMetrics(outcome, rightness(turns, options.outcomeWeights));
      const groups = groupsOf(running, outcome, options);
      groups.forEach((group, i) => {
        if (!toLearner.send({ ...group, endsTask: i + 1 === groups.length }))
          throw new DialecticError('INTERNAL', `the edge from ${path} to the learner refused a group`);
      });
      const { stop, rounds, tokenCount } = outcome;
      over(running);
      options.emit({ type: 'debate.ended', taskId: task.taskId, rounds, stop, tokenCount, metrics });
    };

    const over = (running: RunningDebate): void => {
      debates.delete(running.task.taskId);
      for (const [turnId, { running: its }] of asked) if (its === running) take(turnId);
      running.release();
    };

    const cancel = (running: RunningDebate, reason: CancellationReason, detail: string): void => {
      if (!isRunning(running)) return;
      const { taskId, update, promptIndex } = running.task;
      over(running);
      const identity = { groupId: taskId, taskId, update, promptIndex, endsTask: true };
      toLearner.send({ kind: 'group.cancelled', ...identity, reason, detail });
      const turns = [...running.turns.values()];
      const rounds = Math.max(0, ...turns.map(({ turn }) => turn.round + 1));
      const tokenCount = turns.reduce((sum, { result }) => sum + result.tokens.length, 0);
      options.emit({ type: 'debate.ended', taskId, rounds, stop: 'failed', tokenCount, metrics: {} });
    };

    incarnation.onEnd((reason) => {
      for (const running of [...debates.values()]) {
        over(running);
        const { taskId, update, promptIndex } = running.task;
        const detail = `${path} ended: ${reason}`;
        incarnation.tell(running.dispatcher, { kind: 'task.returned', taskId, update, promptIndex, detail });
      }
      for (const edge of toActors.values()) edge.close();
    });

    const actorGone = (actor: string, reason: string): void => {
      toActors.get(actor)?.close();
      toActors.delete(actor);
      for (const [turnId, { actor: its }] of [...asked])
        if (its === actor && asked.has(turnId))
          failedTurn(turnId, 'actor_terminated', `${actor} ended: ${reason}`);
    };

    return (message, context) => {
      switch (message.kind) {
        case 'task.assign':
          begin(message, context);
          return;
        case 'turn.completed':
          completed(message);
          return;
        case 'turn.failed':
          failedTurn(message.turnId, message.reason, message.detail);
          return;
        case 'actor.terminated':
          actorGone(message.path, message.reason);
      }
    };
  };
}

/** The groups of a debate, in the order of its turns. */
function groupsOf(
  { task, turns }: RunningDebate,
  outcome: DebateOutcome,
  { outcomeWeights, keepTexts }: ModeratorOptions,
): GroupCompleted[] {
  const all = outcome.turns.map(({ id }) => turns.get(id)!);
  const withTexts = keepTexts(task.update);
  return all.map((each) => {
    if (!isOf(each, 'skeptic'))
      return answerGroup(task, each as RoleTurn<Exclude<Role, 'skeptic'>>, withTexts);
    const judgements = all
      .filter((other) => isOf(other, 'synthesizer'))
      .filter(({ turn }) => turn.round === each.turn.round);
    return skepticGroup(task, each, judgements, outcomeWeights, withTexts);
  });
}

function isOf<R extends Role>(turn: RoleTurn<Role>, role: R): turn is RoleTurn<R> {
  return turn.turn.role === role;
}

/** Who was right: a completion that gets at least half of what outcome rewards can pay. */
function rightness(
  turns: ReadonlyMap<string, RoleTurn<Role>>,
  weights: Readonly<Record<string, number>>,
): Map<string, boolean[]> {
  const half = Object.values(weights).reduce((sum, weight) => sum + weight, 0) / 2;
  return new Map(
    [...turns].map(([id, { result }]) => [id, outcomes(result, weights).map((sum) => sum >= half)]),
  );
}

function countAnswers(answers: readonly Answer[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers)
    if (answer !== null) counts.set(quoted(answer), (counts.get(quoted(answer)) ?? 0) + 1);
  return Object.fromEntries(counts);
}
