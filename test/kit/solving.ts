/** Plays a plan with scripted completions that nobody scores, one token a character. */

import { completionText } from '../../src/data/prompt.js';
import type { Plan, PlanRequest, PlanResult, ScoredCompletions } from '../../src/rollout/plan.js';
import type { PlanEvent } from '../../src/rollout/plan-events.js';

const END = 0;
export const codes = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0));
export const decodeCodes = (tokens: Int32Array): string =>
  String.fromCharCode(...tokens.filter((token) => token !== END));

/** A well-formed completion. */
export const says = (answer: string): string => completionText('So.', answer);

/** What a policy completes a prompt with: the text of each sample. */
export type Policy = (request: PlanRequest, sample: number) => string;

export interface Played {
  readonly result: PlanResult;
  readonly events: readonly PlanEvent[];
  readonly asked: readonly PlanRequest[];
  /** The most tokens that were spent or promised at any time. */
  readonly mostTokens: number;
}

/** Plays to the end; `pick` chooses which of the requests under way comes back. */
export function playPlan(plan: Plan, policy: Policy, pick: (count: number) => number = () => 0): Played {
  const asked: PlanRequest[] = [];
  const events: PlanEvent[] = [];
  const out: PlanRequest[] = [];
  let spent = 0;
  let mostTokens = 0;
  for (let turn = 0; turn < 10_000; turn++) {
    const requests = plan.takeRequests();
    asked.push(...requests);
    out.push(...requests);
    const promised = out.reduce((sum, { sampleCount, maxTokens }) => sum + sampleCount * maxTokens, 0);
    mostTokens = Math.max(mostTokens, spent + promised);
    events.push(...plan.takeEvents());
    if (plan.stop !== null) return { result: plan.result(), events, asked, mostTokens };
    const [request] = out.splice(pick(out.length), 1);
    if (!request) throw new Error('the plan neither ended nor asked for anything');
    const completions = completionsOf(request, policy);
    spent += completions.tokens.length;
    plan.accept(request.stream, completions);
  }
  throw new Error('the plan did not end');
}

function completionsOf(request: PlanRequest, policy: Policy): ScoredCompletions {
  const samples = Array.from({ length: request.sampleCount }, (_, sample) =>
    [...codes(policy(request, sample)), END].slice(0, request.maxTokens),
  );
  const tokens = Int32Array.from(samples.flat());
  return {
    tokens,
    lengths: Int32Array.from(samples, ({ length }) => length),
    logProbs: new Float32Array(tokens.length).fill(-1),
    supportLogMass: new Float32Array(tokens.length),
    stopped: Uint8Array.from(samples, (each) => Number(each.at(-1) === END)),
    policyVersion: 0,
    texts: samples.map((each) => decodeCodes(Int32Array.from([...(request.prefixTokens ?? []), ...each]))),
    rewards: null,
  };
}
