/** The synthesizer actor: settles a debate with an answer of its own. Takes turns only. */
import { SampleAndScore, type SampleAndScoreOptions } from '../rollout/sample-and-score.js';
import { rolloutWorker } from '../rollout/worker.js';
import type { ActorFactory } from './kernel/actor.js';

export function createSynthesizer(completion: SampleAndScoreOptions): ActorFactory {
  return (context) =>
    rolloutWorker(context, {
      completer: (carrier) => new SampleAndScore(carrier, completion),
      tasks: null,
      turnsOf: 'synthesizer',
    });
}
