/**
 * Gives the problems of an update to actors, one task each with the strategy that a planner chose, and says when the update is over.
 *
 * Invariants:
 * - which problem is at which place of which update, and who gets it, depends on the run's seed alone while all actors live;
 * - a task whose actor is gone goes to another one once, then it is cancelled, so that no update waits for it;
 * - what makes an update impossible rejects it at once, and every later one.
 */
import { DialecticError } from '../errors.js';
import type { GroupResult, Problem, Strategy, UpdateCompleted } from '../protocol/index.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';
import type { CreditedEdge, EdgeOptions } from './kernel/edge.js';

/** Chooses how each problem of an update is worked on. */
export interface StrategyPlanner {
  /** One strategy a problem, in their order. */
  choose(update: number, problems: readonly Problem[]): readonly Strategy[];
  /** What came of the choices of an update. */
  learn(update: number, groups: readonly GroupResult[]): void;
}

/** The same strategy for every problem with a right answer; an open one has no answers to debate and is worked on forwards then. */
export function fixedStrategy(strategy: Strategy): StrategyPlanner {
  const strategyOf = ({ constraints }: Problem): Strategy =>
    constraints && strategy === 'debate' ? 'forward' : strategy;
  return { choose: (_, problems) => problems.map(strategyOf), learn: () => {} };
}

export interface DispatcherOptions {
  /** Paths of the actors that take tasks, by strategy. */
  readonly routes: Readonly<Partial<Record<Strategy, readonly string[]>>>;
  readonly planner: StrategyPlanner;
  readonly learner: string;
  readonly promptsPerUpdate: number;
  readonly groupSize: number;
  /** Training problem number `index` of the run. */
  readonly problemAt: (index: number) => Problem;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
}

/** A task under way. */
interface OpenTask {
  readonly taskId: string;
  readonly promptIndex: number;
  readonly strategy: Strategy;
  readonly problem: Problem;
  /** Path of its actor. */
  actor: string;
  attempts: number;
}

interface CurrentUpdate {
  readonly update: number;
  /** Those that may still be given to somebody, by id. */
  readonly tasks: Map<string, OpenTask>;
  readonly resolve: (completed: UpdateCompleted) => void;
  readonly reject: (error: DialecticError) => void;
}

/** A task that was lost with its actor is given to another one once. */
const MAX_ATTEMPTS = 2;

export class Dispatcher {
  readonly create: ActorFactory;
  readonly #edges = new Map<string, CreditedEdge>();
  readonly #routes: ReadonlyMap<Strategy, readonly string[]>;
  #context: ActorContext | null = null;
  #current: CurrentUpdate | null = null;
  #failure: DialecticError | null = null;

  constructor(private readonly options: DispatcherOptions) {
    this.#routes = new Map(Object.entries(options.routes) as [Strategy, readonly string[]][]);
    const workers = [...this.#routes.values()].flat();
    this.create = (context) => {
      this.#context = context;
      const maxQueued = options.promptsPerUpdate;
      for (const to of workers) this.#edges.set(to, options.openEdge({ from: context.path, to, maxQueued }));
      for (const path of [...workers, options.learner]) context.watch(path);
      return (message) => {
        if (message.kind === 'update.completed') this.#completed(message);
        else if (message.kind === 'task.returned')
          this.#again(message.update, message.taskId, message.detail);
        else if (message.kind === 'actor.terminated')
          this.#terminated(message.path, message.error ?? message.reason);
      };
    };
  }

  /** Runs one update; resolves when the learner has applied it and the samplers hold the new version. */
  run(update: number): Promise<UpdateCompleted> {
    const context = this.#context;
    if (!context) throw new DialecticError('INTERNAL', 'the dispatcher has not been spawned');
    if (this.#failure) return Promise.reject(this.#failure);
    const { promptsPerUpdate, learner, problemAt, planner } = this.options;
    const problems = Array.from({ length: promptsPerUpdate }, (_, i) =>
      problemAt(update * promptsPerUpdate + i),
    );
    const strategies = planner.choose(update, problems);
    const actors = strategies.map((strategy, promptIndex) => {
      const alive = (this.#routes.get(strategy) ?? []).filter((path) => this.#edges.has(path));
      return alive[promptIndex % alive.length];
    });
    const orphan = actors.indexOf(undefined);
    if (orphan >= 0) {
      const detail = `no actor is left for the strategy ${strategies[orphan]}`;
      return Promise.reject(new DialecticError('TERMINATED', detail));
    }
    const tasks = problems.map((problem, promptIndex): OpenTask => {
      const [taskId, strategy] = [`u${update}-p${promptIndex}`, strategies[promptIndex]!];
      return { taskId, promptIndex, strategy, problem, actor: actors[promptIndex]!, attempts: 0 };
    });
    const completed = new Promise<UpdateCompleted>((resolve, reject) => {
      const byId = new Map(tasks.map((task) => [task.taskId, task]));
      this.#current = { update, tasks: byId, resolve, reject };
    });
    context.tell(learner, { kind: 'update.begin', update, taskCount: promptsPerUpdate });
    for (const task of tasks) this.#assign(update, task);
    return completed;
  }

  /** False if the actor's edge takes nothing any more. */
  #assign(update: number, task: OpenTask): boolean {
    task.attempts++;
    const { taskId, promptIndex, strategy, problem, actor } = task;
    const { groupSize } = this.options;
    const assignment = { taskId, update, promptIndex, strategy, problem, groupSize };
    return this.#edges.get(actor)?.send({ kind: 'task.assign', ...assignment }) ?? false;
  }

  /** Gives a lost task of the update in hand to another actor, where there is one, or cancels it. */
  #again(update: number, taskId: string, detail: string): void {
    const task = this.#current?.update === update ? this.#current.tasks.get(taskId) : undefined;
    if (!task) return;
    const alive = (this.#routes.get(task.strategy) ?? []).filter((path) => this.#edges.has(path));
    const others = alive.filter((path) => path !== task.actor);
    const choice = others.length > 0 ? others : alive;
    const next = choice[task.promptIndex % choice.length];
    if (next !== undefined && task.attempts < MAX_ATTEMPTS) {
      task.actor = next;
      if (this.#assign(update, task)) return;
    }
    this.#current?.tasks.delete(taskId);
    const { promptIndex } = task;
    const place = { groupId: taskId, taskId, update, promptIndex, endsTask: true } as const;
    const cancelled = { ...place, reason: 'actor_terminated', detail } as const;
    this.#context?.tell(this.options.learner, { kind: 'group.cancelled', ...cancelled });
  }

  /** No update can be completed any more: rejects the one in hand and all later ones. */
  fail(error: DialecticError): void {
    this.#failure ??= error;
    this.#current?.reject(error);
    this.#current = null;
  }

  #completed(message: UpdateCompleted): void {
    if (message.update !== this.#current?.update) return;
    this.options.planner.learn(message.update, message.groups);
    this.#current.resolve(message);
    this.#current = null;
  }

  #terminated(path: string, reason: string): void {
    if (path === this.options.learner) {
      this.fail(new DialecticError('TERMINATED', `the learner ended: ${reason}`));
      return;
    }
    this.#edges.get(path)?.close();
    this.#edges.delete(path);
    const { update, tasks } = this.#current ?? {};
    if (update === undefined) return;
    for (const { taskId, actor } of [...(tasks?.values() ?? [])])
      if (actor === path) this.#again(update, taskId, `${path} ended: ${reason}`);
  }
}
