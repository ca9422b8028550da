/** The backward actor: supposes an answer and tests it. Takes tasks of its own and turns of debates. */

import { SampleAndScore, type SampleAndScoreOptions } from '../rollout/sample-and-score.js';
import { rolloutWorker, type TaskOptions } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

export function createBackward(completion: SampleAndScoreOptions, tasks: TaskOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, {
      completer: (carrier) => new SampleAndScore(carrier, completion),
      tasks,
      turnsOf: 'backward',
    });
}
