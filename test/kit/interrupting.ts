/** Interrupts a plan in the middle, as a signal would. */
import type { Plan, WholeCompletion } from '../../src/rollout/plan.js';
import { codes, decodeCodes } from './solving.js';

/** The plan, interrupted after it took `results` in. `whole`: what is finished of a request that is out. */
export function interruptedAfter(plan: Plan, results: number, whole: readonly WholeCompletion[] = []): Plan {
  let left = results;
  return {
    takeRequests: () => {
      const requests = plan.takeRequests();
      if (results === 0) plan.interrupt(whole);
      return requests;
    },
    accept: (stream, result) => {
      plan.accept(stream, result);
      if (--left === 0) plan.interrupt(whole);
    },
    interrupt: (given) => plan.interrupt(given),
    takeEvents: () => plan.takeEvents(),
    get stop() {
      return plan.stop;
    },
    result: () => plan.result(),
    groups: () => plan.groups(),
    artifact: () => plan.artifact(),
  };
}

/** A completion that its policy ended, one token a character. */
export function wholeCompletion(stream: number, said: string): WholeCompletion {
  const tokenIds = Int32Array.from([...codes(said), 0]);
  return { stream, tokenIds, text: decodeCodes(tokenIds), tokens: tokenIds.length, stopped: true };
}
