/** Tables of rotary angles, with the scalings that checkpoints use for longer contexts. */
import type { DecoderConfig } from './config.js';

interface RopeTable {
  readonly cosines: Float32Array; // [positions, headDim / 2]
  readonly sines: Float32Array; // [positions, headDim / 2]
  readonly shape: readonly [number, number];
}

/** Cosines and sines of position·frequency for positions [0, positionCount). */
export function ropeTable(config: DecoderConfig, positionCount: number): RopeTable {
  const frequencies = ropeFrequencies(config);
  const half = frequencies.length;
  const cosines = new Float32Array(positionCount * half);
  const sines = new Float32Array(positionCount * half);
  for (let position = 0; position < positionCount; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * frequencies[i]!;
      cosines[position * half + i] = Math.cos(angle);
      sines[position * half + i] = Math.sin(angle);
    }
  }
  return { cosines, sines, shape: [positionCount, half] };
}

/** Radians a position turns each pair of channels: θ^(−2i/D), then scaled. */
export function ropeFrequencies(config: DecoderConfig): number[] {
  const { headDim, ropeTheta, ropeScaling } = config;
  const plain = Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  if (ropeScaling === null) return plain;
  if (ropeScaling.type === 'linear') return plain.map((frequency) => frequency / ropeScaling.factor);
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions } = ropeScaling;
  // Llama 3: long waves are slowed by `factor`, short ones kept, those between interpolated.
  return plain.map((frequency) => {
    const wavelength = (2 * Math.PI) / frequency;
    if (wavelength < originalMaxPositions / highFrequencyFactor) return frequency;
    if (wavelength > originalMaxPositions / lowFrequencyFactor) return frequency / factor;
    const smooth =
      (originalMaxPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
    return ((1 - smooth) * frequency) / factor + smooth * frequency;
  });
}
