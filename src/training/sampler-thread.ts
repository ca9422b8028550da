/** The module of a sampler thread: one decoder over shared weights, behind one actor. */

import type { ThreadHost } from '../actors/kernel/threads/worker.js';
import { createSamplerActor } from '../actors/sampler.js';
import type { DecoderConfig } from '../model/config.js';
import { parameterLayout } from '../model/parameters.js';
import { createWeights } from '../model/weights.js';
import type { Device } from '../protocol/index.js';
import { Sampler } from '../sampling/sampler.js';
import { openRuntime } from '../tensor/device.js';

export interface SamplerThreadData {
  readonly device: Device;
  readonly decoder: DecoderConfig;
  /** The two shared buffers of policy versions; the first holds version 0. */
  readonly buffers: readonly [SharedArrayBuffer, SharedArrayBuffer];
  readonly slots: number;
  readonly capacity: number;
  readonly stopTokens: readonly number[];
  readonly seed: number;
}

/** Functions that other threads may ask. */
export type SamplerThreadApi = {
  /** What was decoded and prefilled since the thread started. */
  counters(): Promise<Sampler['counters']>;
};

/** Tiny policies gain nothing from a second thread inside one decode: another sampler uses the other core. */
const THREADS_PER_SAMPLER = 1;

export async function start(host: ThreadHost<SamplerThreadData>): Promise<SamplerThreadApi> {
  const { device, decoder, buffers, slots, capacity, stopTokens, seed } = host.data;
  const layout = parameterLayout(decoder);
  const [first, second] = [createWeights(layout, buffers[0]), createWeights(layout, buffers[1])];
  const runtime = await openRuntime(device, THREADS_PER_SAMPLER);
  const sampler = new Sampler({ runtime, config: decoder, weights: first, slots, capacity, stopTokens });
  host.onStop(() => sampler.release());
  host.system.spawn(host.name, createSamplerActor({ sampler, buffers: [first, second], seed }), {
    mailbox: { maxCount: 100_000, maxBytes: 256 << 20, overflow: 'refuse' },
  });
  return { counters: async () => ({ ...sampler.counters }) };
}
