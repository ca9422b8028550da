/**
 * Samples what plans ask for from one sampler of this thread, until they have ended or are interrupted: how `solve` and `eval` run
 * the plans of training without actors.
 *
 * Invariants: signals come in between two steps, and after the first one no token is sampled; a completion is whole only if the policy
 * or its token limit ended it; a plan's completions do not depend on which others share the sampler.
 */
import { DialecticError } from '../errors.js';
import { driveSampler } from '../sampling/complete.js';
import type { Sampler, SamplingRequest } from '../sampling/sampler.js';
import { textsOf } from './completions.js';
import type { Plan, PlanRequest, WholeCompletion } from './plan.js';
import type { PlanEvent } from './plan-events.js';

/** A plan to run; `index` is a word of the random key of its completions. */
export interface PlanToRun {
  readonly index: number;
  readonly plan: Plan;
}

interface DriveOptions {
  /** Idle. */
  readonly sampler: Sampler;
  /** Takes in every token that the sampler draws. */
  readonly drawn: DrawnTokens;
  readonly seed: number;
  readonly temperature: number;
  readonly decode: (tokens: Int32Array) => string;
  /** Asked between two steps. */
  readonly isInterrupted: () => boolean;
  readonly onEvent: (event: PlanEvent, index: number) => void;
  /** Called when a plan has ended. */
  readonly onEnded: (run: PlanToRun) => void;
  /** Completions that may be with the sampler before another plan is begun. */
  readonly maxLoad: number;
}

/** Runs plans one after another, several at a time. Errors: INTERNAL for a plan that neither ends nor asks for anything. */
export async function drive(plans: Iterable<PlanToRun>, options: DriveOptions): Promise<void> {
  const { sampler, drawn, seed, temperature, decode, isInterrupted, onEvent, onEnded, maxLoad } = options;
  const waiting = plans[Symbol.iterator]();
  const running = new Map<number, PlanToRun>();
  let asked: SamplingRequest[] = [];

  /** Takes what a plan has to say since the last time. */
  const settle = (run: PlanToRun): void => {
    const { index, plan } = run;
    for (const request of plan.takeRequests()) {
      const { role: _role, ...sampling } = request;
      const key = { requestId: drawn.open(index, request), seed, update: 0, promptIndex: index };
      asked.push({ ...key, ...sampling, temperature, topK: 0, topP: 1 });
    }
    for (const event of plan.takeEvents()) onEvent(event, index);
    if (plan.stop === null) return;
    running.delete(index);
    onEnded(run);
  };
  const begin = (): void => {
    const samples = (): number => asked.reduce((sum, { sampleCount }) => sum + sampleCount, sampler.load);
    while (samples() < maxLoad) {
      const next = waiting.next();
      if (next.done) return;
      running.set(next.value.index, next.value);
      settle(next.value);
    }
  };

  await driveSampler(sampler, {
    next() {
      begin();
      if (isInterrupted()) {
        for (const run of [...running.values()]) {
          run.plan.interrupt(drawn.whole(run.index, decode));
          settle(run);
        }
        return null;
      }
      if (running.size === 0) return null;
      if (sampler.load === 0 && asked.length === 0)
        throw new DialecticError('INTERNAL', 'a plan neither ended nor asked for completions');
      const requests = asked;
      asked = [];
      return requests;
    },
    accept({ requestId, ...arrays }) {
      const { index, request } = drawn.close(requestId);
      const run = running.get(index);
      if (!run) return; // its plan ended without waiting for this
      const texts = textsOf(request, arrays, decode);
      run.plan.accept(request.stream, { ...arrays, policyVersion: 0, texts, rewards: null });
      settle(run);
    },
  });
}

interface OpenRequest {
  readonly index: number;
  readonly request: PlanRequest;
  readonly samples: readonly number[][];
}

/** What was drawn for the requests that are out, since a sampler gives a request's completions only when all are whole. */
export class DrawnTokens {
  readonly #open = new Map<string, OpenRequest>();
  readonly #stopTokens: ReadonlySet<number>;

  constructor(stopTokens: readonly number[]) {
    this.#stopTokens = new Set(stopTokens);
  }

  /** Returns the id under which its tokens come. */
  open(index: number, request: PlanRequest): string {
    const requestId = `${index}/${request.stream}`;
    const samples = Array.from({ length: request.sampleCount }, () => []);
    this.#open.set(requestId, { index, request, samples });
    return requestId;
  }

  /** Returns the stream of the request. Errors: INTERNAL for one that is not out. */
  draw(requestId: string, sample: number, token: number): number {
    const { request, samples } = this.#openRequest(requestId);
    samples[sample]!.push(token);
    return request.stream;
  }

  close(requestId: string): OpenRequest {
    const open = this.#openRequest(requestId);
    this.#open.delete(requestId);
    return open;
  }

  /** Completions that are whole, of requests of one plan that are out. */
  whole(index: number, decode: (tokens: Int32Array) => string): WholeCompletion[] {
    return [...this.#open.values()].flatMap(({ index: its, request, samples }) => {
      if (its !== index) return [];
      const { stream, maxTokens, prefixTokens = NO_TOKENS } = request;
      return samples.flatMap((drawn) => {
        const stopped = drawn.length > 0 && this.#stopTokens.has(drawn.at(-1)!);
        if (!stopped && drawn.length < maxTokens) return [];
        const tokenIds = Int32Array.from(drawn);
        const text = decode(Int32Array.from([...prefixTokens, ...tokenIds]));
        return { stream, tokenIds, text, tokens: drawn.length, stopped };
      });
    });
  }

  #openRequest(requestId: string): OpenRequest {
    const open = this.#open.get(requestId);
    if (!open) throw new DialecticError('INTERNAL', `request ${requestId} is not out`);
    return open;
  }
}

const NO_TOKENS = new Int32Array(0);
