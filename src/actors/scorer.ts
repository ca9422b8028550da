/**
 * The scorer actor: completions of one problem come in, their rewards go back.
 *
 * Invariants:
 * - every request is answered once, by `scores.completed` or `scores.failed`;
 * - requests are scored side by side: a slow one holds up no other, and keeps its own credit only.
 */
import { toDialecticError } from '../errors.js';
import type { Rewards, ScoresRequest, ScoringItem } from '../protocol/index.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';

/** What a scorer scores with. */
export interface ScorerOptions {
  /** Rewards of a batch; what cannot be scored is NaN there. */
  readonly score: (batch: readonly ScoringItem[]) => Promise<Rewards>;
}

/** Makes the behaviour of a scorer. */
export function createScorer({ score }: ScorerOptions): ActorFactory {
  const scored = async (
    request: ScoresRequest,
    { sender, tell, keepCredit }: ActorContext,
  ): Promise<void> => {
    const { requestId, problem, texts } = request;
    const returnCredit = keepCredit();
    const { id: _id, family: _family, ...known } = problem;
    try {
      const { names, values, scored } = await score(texts.map((completion) => ({ ...known, completion })));
      tell(sender, { kind: 'scores.completed', requestId, rewardNames: [...names], rewards: values, scored });
    } catch (error) {
      tell(sender, { kind: 'scores.failed', requestId, detail: toDialecticError(error).message });
    } finally {
      returnCredit();
    }
  };
  return () => (message, context) => {
    if (message.kind === 'scores.request') void scored(message, context);
  };
}
