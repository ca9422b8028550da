/** The skeptic actor: checks the answers of a debate and says who is right. Takes turns only. */
import { SampleAndScore, type SampleAndScoreOptions } from '../rollout/sample-and-score.js';
import { rolloutWorker } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

export function createSkeptic(completion: SampleAndScoreOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, {
      completer: (carrier) => new SampleAndScore(carrier, completion),
      tasks: null,
      turnsOf: 'skeptic',
    });
}
