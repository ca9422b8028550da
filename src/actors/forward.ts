/** The forward actor: reasons from the question to an answer. Takes tasks of its own and turns of debates. */

import { SampleAndScore, type SampleAndScoreOptions } from '../rollout/sample-and-score.js';
import { rolloutWorker, type TaskOptions } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

/** Makes the behaviour of a forward actor: who completes what it asks for, and where its tasks' groups go. */
export function createForward(completion: SampleAndScoreOptions, tasks: TaskOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, {
      completer: (carrier) => new SampleAndScore(carrier, completion),
      tasks,
      turnsOf: 'forward',
    });
}
