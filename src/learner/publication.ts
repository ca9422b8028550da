/**
 * Publishes policy versions through two shared buffers.
 *
 * Invariants: version v lies in buffer v mod 2, so that samplers of the version before are never written under; a version is
 * announced with the hash that a sampler must find in the memory it samples from.
 */
import { probeHash, type Weights } from '../model/weights.js';
import type { PolicyPublished } from '../protocol/index.js';

export class Publication {
  #version = 0;

  constructor(
    private readonly weights: Weights,
    private readonly buffers: readonly [Weights, Weights],
  ) {}

  get version(): number {
    return this.#version;
  }

  /** Copies the weights as the next version and gives its announcement. */
  publish(): PolicyPublished {
    this.#version++;
    const slot = (this.#version % 2) as 0 | 1;
    this.buffers[slot].flat.set(this.weights.flat);
    return {
      kind: 'policy.published',
      version: this.#version,
      slot,
      probeHash: probeHash(this.weights.flat),
    };
  }
}
