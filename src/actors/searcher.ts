/** The searcher actor: grows one tree for each task it is given. */
import { SampleAndScore, type SampleAndScoreOptions } from '../rollout/sample-and-score.js';
import { rolloutWorker, type TaskOptions } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

export function createSearcher(completion: SampleAndScoreOptions, tasks: TaskOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, {
      completer: (carrier) => new SampleAndScore(carrier, completion),
      tasks,
      turnsOf: null,
    });
}
