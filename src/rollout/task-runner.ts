/**
 * Runs the plans of tasks: gives a plan's requests to whoever completes them, and sends its groups to the learner.
 *
 * Invariants:
 * - every task ends in exactly one way: its groups reach the learner together, or one `group.cancelled` does, or the task is given back
 *   to whoever gave it because the actor ends;
 * - the message in hand keeps its credit until its task is over;
 * - a plan that throws, or neither asks for anything nor ends, costs its own task.
 */
import { DialecticError, toDialecticError } from '../errors.js';
import {
  type CancellationReason,
  checked,
  copiedMessage,
  type Message,
  type TaskAssign,
  type UntimedEvent,
} from '../protocol/index.js';
import type { Completer } from './completer.js';
import type { Plan, PlannedGroup, PlanRequest, ScoredCompletions } from './plan.js';
import type { PlanEvent } from './plan-events.js';
import type { Outlet } from './requests.js';

/** The plan of a task, and what observers are told of it. */
export interface TaskPlan {
  readonly plan: Plan;
  readonly telemetry?: {
    happened(event: PlanEvent): UntimedEvent | null;
    /** Once, when the task is over, however. */
    ended(facts: TaskFacts): UntimedEvent;
  };
}

export interface TaskFacts {
  /** Its groups are with the learner. */
  readonly isCompleted: boolean;
  /** Prompt and prefix tokens of all requests. */
  readonly contextTokens: number;
  readonly failedAttempts: number;
}

interface TaskRunnerOptions {
  /** Errors: whatever makes a problem impossible to work on; the task is then cancelled. */
  readonly planOf: (task: TaskAssign) => TaskPlan;
  readonly completer: Completer;
  readonly toLearner: Outlet;
  readonly tell: (to: string, message: Message) => void;
  readonly emit: (event: UntimedEvent) => void;
  /** Whether the texts of this update's groups go to a sample file. */
  readonly keepTexts: (update: number) => boolean;
}

/** The message that a task came with. */
export interface InHand {
  readonly sender: string;
  /** Keeps its credit until the returned function is called. */
  keepCredit(): () => void;
}

interface RunningTask extends TaskPlan {
  readonly task: TaskAssign;
  readonly giver: string;
  readonly returnCredit: () => void;
  /** Streams of its requests that are out. */
  readonly out: Set<number>;
  contextTokens: number;
  failedAttempts: number;
}

export class TaskRunner {
  readonly #running = new Set<RunningTask>();

  constructor(private readonly options: TaskRunnerOptions) {}

  begin(task: TaskAssign, { sender, keepCredit }: InHand): void {
    let planned: TaskPlan;
    try {
      planned = this.options.planOf(task);
    } catch (error) {
      this.#tellCancelled(task, 'sampler_error', toDialecticError(error).message);
      return;
    }
    const running = {
      ...planned,
      task,
      giver: sender,
      returnCredit: keepCredit(),
      out: new Set<number>(),
      contextTokens: 0,
      failedAttempts: 0,
    };
    this.#running.add(running);
    this.#advance(running);
  }

  /** Gives everything back: the actor ends, for this reason. */
  giveBack(detail: string): void {
    for (const running of [...this.#running]) {
      const { taskId, update, promptIndex } = running.task;
      this.#interrupt(running);
      this.#release(running);
      this.options.tell(running.giver, { kind: 'task.returned', taskId, update, promptIndex, detail });
    }
  }

  #advance(running: RunningTask): void {
    let groups: readonly Message[] | null;
    try {
      for (const request of running.plan.takeRequests())
        if (this.#running.has(running)) this.#ask(running, request);
      groups = this.#running.has(running) ? this.#groupsOf(running) : null;
    } catch (error) {
      this.#cancel(running, 'sampler_error', toDialecticError(error).message);
      return;
    }
    if (groups) this.#complete(running, groups);
  }

  #ask(running: RunningTask, request: PlanRequest): void {
    const { task, out } = running;
    // Two requests of one name would be one: the task would wait for the other for ever.
    if (out.has(request.stream))
      throw new DialecticError('INTERNAL', `the plan asked for stream ${request.stream} while it is out`);
    out.add(request.stream);
    running.contextTokens += request.promptTokens.length + (request.prefixTokens?.length ?? 0);
    this.options.completer.complete({
      owner: running,
      name: `${task.taskId}/${request.stream}`,
      place: task,
      request,
      onCompleted: (completions) => this.#accept(running, request.stream, completions),
      onFailed: (reason, detail) => this.#cancel(running, reason, detail),
      onAttemptFailed: () => void running.failedAttempts++,
    });
  }

  #accept(running: RunningTask, stream: number, completions: ScoredCompletions): void {
    running.out.delete(stream);
    try {
      running.plan.accept(stream, completions);
    } catch (error) {
      const { code, message } = toDialecticError(error);
      running.failedAttempts++;
      this.#cancel(running, code === 'SCORER' ? 'scorer_error' : 'sampler_error', message);
      return;
    }
    this.#tellEvents(running);
    this.#advance(running);
  }

  /** What a plan came to; null while it goes on. Errors: INTERNAL for one that comes to nothing; whatever the plan throws. */
  #groupsOf({ task, plan, out }: RunningTask): readonly Message[] | null {
    const { stop } = plan;
    if (stop === null) {
      if (out.size > 0) return null;
      throw new DialecticError('INTERNAL', 'the plan neither ended nor asked for completions');
    }
    const groups = plan.groups();
    if (groups.length === 0)
      throw new DialecticError('INTERNAL', `the plan ended without a completion: ${stop}`);
    if (new Set(groups.map(({ name }) => name)).size < groups.length)
      throw new DialecticError('INTERNAL', 'two groups of the plan have one name');
    // All before the first is sent. Sending gives arrays away, and a plan may have one in two groups.
    return groups.map((group, i) =>
      copiedMessage(checked(this.#messageOf(task, group, i + 1 === groups.length))),
    );
  }

  #complete(running: RunningTask, groups: readonly Message[]): void {
    for (const group of groups)
      if (!this.options.toLearner.send(group))
        throw new DialecticError(
          'INTERNAL',
          `the edge to the learner refused a group of ${running.task.taskId}`,
        );
    this.#release(running, true);
  }

  #messageOf(
    task: TaskAssign,
    { name, texts, rewards, segments, ...group }: PlannedGroup,
    endsTask: boolean,
  ): Message {
    const { taskId, update, promptIndex, problem } = task;
    return {
      kind: 'group.completed',
      groupId: name === null ? taskId : `${taskId}/${name}`,
      taskId,
      update,
      promptIndex,
      endsTask,
      problemId: problem.id,
      domain: problem.type,
      ...group,
      rewardNames: [...rewards.names],
      rewards: rewards.values,
      scored: rewards.scored,
      ...segments,
      ...(this.options.keepTexts(update) ? { texts: [...texts] } : {}),
    };
  }

  #cancel(running: RunningTask, reason: CancellationReason, detail: string): void {
    if (!this.#running.has(running)) return;
    this.#interrupt(running);
    this.#release(running);
    this.#tellCancelled(running.task, reason, detail);
  }

  #interrupt({ plan, task }: RunningTask): void {
    try {
      plan.interrupt([]);
    } catch (error) {
      // Its task is over already, and those of other plans must not pay for it.
      const detail = `the plan of ${task.taskId} cannot be interrupted: ${toDialecticError(error).message}`;
      this.options.emit({ type: 'warning', source: 'plan', detail });
    }
  }

  #release(running: RunningTask, isCompleted = false): void {
    const { contextTokens, failedAttempts, telemetry } = running;
    this.#running.delete(running);
    this.options.completer.withdraw(running);
    running.returnCredit();
    if (telemetry) this.options.emit(telemetry.ended({ isCompleted, contextTokens, failedAttempts }));
  }

  #tellEvents({ plan, telemetry }: RunningTask): void {
    if (!telemetry) return;
    for (const happened of plan.takeEvents()) {
      const event = telemetry.happened(happened);
      if (event) this.options.emit(event);
    }
  }

  #tellCancelled(
    { taskId, update, promptIndex }: TaskAssign,
    reason: CancellationReason,
    detail: string,
  ): void {
    const place = { groupId: taskId, taskId, update, promptIndex, endsTask: true };
    this.options.toLearner.send({ kind: 'group.cancelled', ...place, reason, detail });
  }
}
