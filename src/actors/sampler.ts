/**
 * The sampler as an actor: requests come in as messages, decode steps run between them, completions go back.
 *
 * Invariants:
 * - all completions of a request come from one policy version: weights change only while nothing is being decoded;
 * - a version is announced as loaded only after the probe hash of the memory it is sampled from has been found equal;
 * - every request is answered once, by completions or by a failure.
 */

import { yieldToIo } from '../clock.js';
import { toDialecticError } from '../errors.js';
import { probeHash, type Weights } from '../model/weights.js';
import type { CompletionsRequest, PolicyPublished } from '../protocol/index.js';
import type { SampledCompletions, Sampler } from '../sampling/sampler.js';
import type { ActorContext, ActorFactory } from './kernel/actor.js';

interface SamplerActorOptions {
  readonly sampler: Sampler;
  /** The two shared buffers that policy versions alternate between. */
  readonly buffers: readonly [Weights, Weights];
  /** Word of the random key of every completion. */
  readonly seed: number;
}

/** Decode steps between two looks at the mailbox: a few milliseconds. */
const STEPS_PER_TURN = 4;

interface Client {
  readonly path: string;
  readonly release: () => void;
}

export function createSamplerActor({ sampler, buffers, seed }: SamplerActorOptions): ActorFactory {
  return (incarnation) => {
    const clients = new Map<string, Client>();
    let version = 0;
    let announced: { message: PolicyPublished; from: string } | null = null;
    let isDecoding = false;

    const answer = (context: ActorContext, completions: SampledCompletions): void => {
      const client = clients.get(completions.requestId);
      clients.delete(completions.requestId);
      if (!client) return;
      context.tell(client.path, { kind: 'completions.sampled', policyVersion: version, ...completions });
      client.release();
    };

    const fail = (context: ActorContext, requestId: string, error: unknown): void => {
      const client = clients.get(requestId);
      clients.delete(requestId);
      if (!client) return;
      context.tell(client.path, {
        kind: 'completions.failed',
        requestId,
        detail: toDialecticError(error).message,
      });
      client.release();
    };

    const load = (context: ActorContext): void => {
      if (!announced || sampler.load > 0) return;
      const { message, from } = announced;
      announced = null;
      const weights = buffers[message.slot];
      const found = probeHash(weights.flat);
      if (found === message.probeHash) {
        sampler.useWeights(weights);
        version = message.version;
      }
      // A wrong hash is reported as found: the learner knows what it announced and stops the run.
      context.tell(from, { kind: 'policy.loaded', version: message.version, probeHash: found });
    };

    const decode = async (context: ActorContext): Promise<void> => {
      isDecoding = true;
      try {
        while (sampler.load > 0) {
          for (let step = 0; step < STEPS_PER_TURN; step++) {
            for (const completions of sampler.step()) answer(context, completions);
          }
          await yieldToIo();
        }
      } catch (error) {
        sampler.clear();
        for (const requestId of [...clients.keys()]) fail(context, requestId, error);
      }
      isDecoding = false;
      load(context);
    };

    const submit = (request: CompletionsRequest, context: ActorContext): void => {
      clients.set(request.requestId, { path: context.sender, release: context.keepCredit() });
      try {
        sampler.submit({ ...request, seed });
      } catch (error) {
        fail(context, request.requestId, error);
        return;
      }
      if (!isDecoding) void decode(incarnation);
    };

    return (message, context) => {
      if (message.kind === 'completions.request') submit(message, context);
      else if (message.kind === 'policy.published') {
        announced = { message, from: context.sender };
        if (!isDecoding) load(context);
      }
    };
  };
}
