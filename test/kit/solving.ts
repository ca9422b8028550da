/** Plays a plan of `solve` with scripted completions, one token a character. */

import { completionText } from '../../src/data/prompt.js';
import type { Plan, PlanRequest, PlanResult } from '../../src/solve/plan.js';
import type { SolveEvent } from '../../src/solve/solution.js';

const END = 0;
export const codes = (text: string): Int32Array => Int32Array.from(text, (letter) => letter.charCodeAt(0));
export const decodeCodes = (tokens: Int32Array): string =>
  String.fromCharCode(...tokens.filter((token) => token !== END));

/** A well-formed completion. */
export const says = (answer: string): string => completionText('So.', answer);

/** What a policy completes a prompt with: the text of each sample. */
export type Policy = (request: PlanRequest, sample: number) => string;

export interface Played {
  readonly outcome: NonNullable<ReturnType<Plan['outcome']>>;
  readonly events: readonly SolveEvent[];
  readonly asked: readonly PlanRequest[];
  /** The most tokens that were spent or promised at any time. */
  readonly mostTokens: number;
}

/** Plays to the end; `pick` chooses which of the requests under way comes back. */
export function playPlan(plan: Plan, policy: Policy, pick: (count: number) => number = () => 0): Played {
  const asked: PlanRequest[] = [];
  const events: SolveEvent[] = [];
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
    const outcome = plan.outcome();
    if (outcome) return { outcome, events, asked, mostTokens };
    const [request] = out.splice(pick(out.length), 1);
    if (!request) throw new Error('the plan neither ended nor asked for anything');
    const result = resultOf(request, policy);
    spent += result.completions.reduce((sum, { tokens }) => sum + tokens, 0);
    plan.accept(request.stream, result);
  }
  throw new Error('the plan did not end');
}

function resultOf(request: PlanRequest, policy: Policy): PlanResult {
  const samples = Array.from({ length: request.sampleCount }, (_, sample) =>
    [...codes(policy(request, sample)), END].slice(0, request.maxTokens),
  );
  const tokens = Int32Array.from(samples.flat());
  const stopped = Uint8Array.from(samples, (each) => Number(each.at(-1) === END));
  return {
    completions: samples.map((each, i) => ({
      text: decodeCodes(Int32Array.from(each)),
      tokens: each.length,
      stopped: stopped[i] === 1,
    })),
    sampled: {
      ...{ tokens, stopped, lengths: Int32Array.from(samples, ({ length }) => length) },
      logProbs: new Float32Array(tokens.length).fill(-1),
      supportLogMass: new Float32Array(tokens.length),
    },
  };
}
