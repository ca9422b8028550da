/**
 * Gives the problems of an update to role actors, one task each, and says when the update is over.
 *
 * Invariants:
 * - which problem is at which place of which update depends on the run's seed alone, never on the actors;
 * - a task whose actor is gone is cancelled, so that no update waits for it;
 * - what makes an update impossible rejects it at once, and every later one.
 */
import { DialecticError } from '../../protocol/errors.js';
import type { Problem, UpdateCompleted } from '../../protocol/index.js';
import type { ActorContext, ActorFactory } from '../system/actor.js';
import type { CreditedEdge, EdgeOptions } from '../system/edge.js';

export interface DispatcherOptions {
  /** Paths of the forward actors. */
  readonly forward: readonly string[];
  readonly learner: string;
  readonly promptsPerUpdate: number;
  readonly groupSize: number;
  /** Training problem number `index` of the run. */
  readonly problemAt: (index: number) => Problem;
  readonly openEdge: (options: EdgeOptions) => CreditedEdge;
}

interface CurrentUpdate {
  readonly update: number;
  readonly taskIdsByActor: ReadonlyMap<string, readonly { taskId: string; promptIndex: number }[]>;
  readonly resolve: (completed: UpdateCompleted) => void;
  readonly reject: (error: DialecticError) => void;
}

export class Dispatcher {
  readonly create: ActorFactory;
  readonly #edges = new Map<string, CreditedEdge>();
  #context: ActorContext | null = null;
  #current: CurrentUpdate | null = null;
  #failure: DialecticError | null = null;

  constructor(private readonly options: DispatcherOptions) {
    this.create = (context) => {
      this.#context = context;
      const maxQueued = options.promptsPerUpdate;
      for (const to of options.forward)
        this.#edges.set(to, options.openEdge({ from: context.path, to, maxQueued }));
      for (const path of [...options.forward, options.learner]) context.watch(path);
      return (message) => {
        if (message.kind === 'update.completed') this.#completed(message);
        else if (message.kind === 'actor.terminated')
          this.#terminated(message.path, message.error ?? message.reason);
      };
    };
  }

  /** Runs one update; resolves when the learner has applied it and the samplers hold the new version. */
  run(update: number): Promise<UpdateCompleted> {
    const context = this.#context;
    if (!context) throw new DialecticError('INTERNAL', 'the dispatcher has not been spawned');
    const { promptsPerUpdate, groupSize, learner, problemAt } = this.options;
    if (this.#failure) return Promise.reject(this.#failure);
    const actors = [...this.#edges.keys()];
    if (actors.length === 0)
      return Promise.reject(new DialecticError('TERMINATED', 'no forward actor is left'));
    const taskIdsByActor = new Map<string, { taskId: string; promptIndex: number }[]>(
      actors.map((path) => [path, []]),
    );
    const completed = new Promise<UpdateCompleted>((resolve, reject) => {
      this.#current = { update, taskIdsByActor, resolve, reject };
    });
    context.tell(learner, { kind: 'update.begin', update, taskCount: promptsPerUpdate });
    for (let promptIndex = 0; promptIndex < promptsPerUpdate; promptIndex++) {
      const actor = actors[promptIndex % actors.length]!;
      const taskId = `u${update}-p${promptIndex}`;
      taskIdsByActor.get(actor)!.push({ taskId, promptIndex });
      const problem = problemAt(update * promptsPerUpdate + promptIndex);
      this.#edges
        .get(actor)!
        .send({ kind: 'task.assign', taskId, update, promptIndex, strategy: 'forward', problem, groupSize });
    }
    return completed;
  }

  /** No update can be completed any more: rejects the one in hand and all later ones. */
  fail(error: DialecticError): void {
    this.#failure ??= error;
    this.#current?.reject(error);
    this.#current = null;
  }

  #completed(message: UpdateCompleted): void {
    if (message.update !== this.#current?.update) return;
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
    const { update, taskIdsByActor } = this.#current ?? {};
    if (update === undefined) return;
    for (const { taskId, promptIndex } of taskIdsByActor?.get(path) ?? []) {
      const detail = `${path} ended: ${reason}`;
      const cancelled = {
        groupId: taskId,
        taskId,
        update,
        promptIndex,
        endsTask: true,
        reason: 'actor_terminated',
        detail,
      } as const;
      this.#context?.tell(this.options.learner, { kind: 'group.cancelled', ...cancelled });
    }
  }
}
