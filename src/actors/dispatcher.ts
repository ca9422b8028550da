/**
 * The dispatcher actor: gives the problems of an update to actors, one task each with the strategy that a planner chose, and says when
 * the update is over.
 *
 * Invariants:
 * - which problem is at which place of which update, and who gets it, depends on the run's seed alone while all actors live;
 * - a task whose actor is gone goes to another one once, then it is cancelled, so that no update waits for it;
 * - what makes an update impossible rejects it at once, and every later one.
 */
import { systemClock } from '../clock.js';
import { DialecticError } from '../errors.js';
import type { Problem, Strategy, TaskAssign, UpdateCompleted } from '../protocol/index.js';
import type { StrategyPlanner } from '../rollout/planner.js';
import { type OpenEdge, Requests } from '../rollout/requests.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';

interface DispatcherOptions {
  /** Paths of the actors that take tasks, by strategy. */
  readonly routes: Readonly<Partial<Record<Strategy, readonly string[]>>>;
  readonly planner: StrategyPlanner;
  readonly learner: string;
  readonly promptsPerUpdate: number;
  readonly groupSize: number;
  /** Training problem number `index` of the run. */
  readonly problemAt: (index: number) => Problem;
  readonly openEdge: OpenEdge;
}

interface CurrentUpdate {
  readonly update: number;
  readonly resolve: (completed: UpdateCompleted) => void;
  readonly reject: (error: DialecticError) => void;
}

export class Dispatcher {
  readonly create: ActorFactory;
  #context: ActorContext | null = null;
  #tasks: Requests<never> | null = null;
  #current: CurrentUpdate | null = null;
  #failure: DialecticError | null = null;

  constructor(private readonly options: DispatcherOptions) {
    const { routes, promptsPerUpdate: maxQueued, openEdge, learner } = options;
    const targets = [...new Set(Object.values(routes).flat())];
    this.create = (context) => {
      const { path, epoch } = context;
      this.#context = context;
      this.#tasks = new Requests({
        path,
        epoch,
        kind: 'actor',
        targets,
        clock: systemClock,
        deadlineMs: null,
        open: (to) => openEdge({ from: path, to, maxQueued }),
        blame: 'actor_terminated',
        onLate: () => {},
      });
      for (const target of [...targets, learner]) context.watch(target);
      return (message, { sender }) => {
        if (message.kind === 'update.completed') this.#completed(message);
        else if (message.kind === 'task.returned')
          this.#tasks?.gaveBack(message.taskId, sender, message.detail);
        else if (message.kind === 'actor.terminated')
          this.#terminated(message.path, message.error ?? message.reason);
      };
    };
  }

  /** Runs one update; resolves when the learner has applied it and the samplers hold the new version. */
  run(update: number): Promise<UpdateCompleted> {
    const [context, tasks] = [this.#context, this.#tasks];
    if (!context || !tasks) throw new DialecticError('INTERNAL', 'the dispatcher has not been spawned');
    if (this.#failure) return Promise.reject(this.#failure);
    const { promptsPerUpdate, groupSize, learner, problemAt, planner } = this.options;
    const problems = Array.from({ length: promptsPerUpdate }, (_, i) =>
      problemAt(update * promptsPerUpdate + i),
    );
    const strategies = planner.choose(update, problems);
    const orphan = strategies.find((strategy) => !this.#hasActors(tasks, strategy));
    if (orphan !== undefined)
      return Promise.reject(new DialecticError('TERMINATED', `no actor is left for the strategy ${orphan}`));
    return new Promise((resolve, reject) => {
      this.#current = { update, resolve, reject };
      context.tell(learner, { kind: 'update.begin', update, taskCount: promptsPerUpdate });
      problems.forEach((problem, promptIndex) => {
        const strategy = strategies[promptIndex]!;
        const taskId = `u${update + 1}-p${promptIndex}`; // a name for people, who count updates from 1
        this.#assign(tasks, {
          kind: 'task.assign',
          taskId,
          update,
          promptIndex,
          strategy,
          problem,
          groupSize,
        });
      });
    });
  }

  /** No update can be completed any more: rejects the one in hand and all later ones. */
  fail(error: DialecticError): void {
    this.#failure ??= error;
    this.#end()?.reject(error);
  }

  #assign(tasks: Requests<never>, task: TaskAssign): void {
    const { taskId, update, promptIndex, strategy } = task;
    const place = { groupId: taskId, taskId, update, promptIndex, endsTask: true };
    tasks.ask({
      owner: this,
      name: taskId,
      place: promptIndex,
      among: { kind: `actor for the strategy ${strategy}`, targets: this.options.routes[strategy] ?? [] },
      message: () => task,
      onReply: () => {}, // the learner answers for all
      onFailure: (reason, detail) =>
        void this.#context?.tell(this.options.learner, { kind: 'group.cancelled', ...place, reason, detail }),
    });
  }

  #hasActors(tasks: Requests<never>, strategy: Strategy): boolean {
    return (this.options.routes[strategy] ?? []).some((path) => tasks.targets.includes(path));
  }

  #completed(message: UpdateCompleted): void {
    if (message.update !== this.#current?.update) return;
    const { resolve, reject } = this.#end()!;
    new Promise<UpdateCompleted>((settle) => {
      this.options.planner.learn(message.update, message.groups);
      settle(message);
    }).then(resolve, reject);
  }

  #terminated(path: string, reason: string): void {
    if (path === this.options.learner)
      this.fail(new DialecticError('TERMINATED', `the learner ended: ${reason}`));
    else this.#tasks?.targetEnded(path, reason);
  }

  /** The update in hand is over, and what became of its tasks is of no interest any more. */
  #end(): CurrentUpdate | null {
    const current = this.#current;
    this.#current = null;
    this.#tasks?.withdraw(this);
    return current;
  }
}
