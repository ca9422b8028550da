import t from 'tap';
import type { DecoderConfig, RopeScaling } from '../../../src/model/config.js';
import { ropeFrequencies, ropeTable } from '../../../src/model/rope-table.js';
import { fixtureConfig } from '../../kit/tiny-policies.js';

function withScaling(ropeScaling: RopeScaling): DecoderConfig {
  return { ...fixtureConfig('llama'), headDim: 8, ropeTheta: 10000, ropeScaling };
}

t.test('pair i of a head of D channels turns by theta^(-2i/D) a position', async (t) => {
  // D = 8: 10000^0, 10000^(-1/4), 10000^(-1/2), 10000^(-3/4)
  const expected = [1, 0.1, 0.01, 0.001];
  ropeFrequencies(withScaling(null)).forEach((frequency, i) => {
    t.ok(Math.abs(frequency / expected[i]! - 1) < 1e-12, `pair ${i}: ${frequency}`);
  });
});

t.test('linear scaling turns every pair slower by the factor', async (t) => {
  const expected = [0.25, 0.025, 0.0025, 0.00025];
  ropeFrequencies(withScaling({ type: 'linear', factor: 4 })).forEach((frequency, i) => {
    t.ok(Math.abs(frequency / expected[i]! - 1) < 1e-12, `pair ${i}: ${frequency}`);
  });
});

t.test('llama3 scaling keeps short waves, slows long ones, and mixes those between', async (t) => {
  // Wavelengths 2π/frequency: 6.283, 62.83, 628.3, 6283. Bands of 1024 positions: short below 1024/8 = 128, long above
  // 1024/1 = 1024. So pairs 0 and 1 are kept, pair 3 is slowed 16 times, and pair 2 is mixed:
  // s = (1024/628.3185 − 1) / (8 − 1) = 0.0899638; 0.01·((1 − s)/16 + s) = 0.00146841
  const scaling = {
    type: 'llama3',
    factor: 16,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 8,
    originalMaxPositions: 1024,
  } as const;
  const s = (1024 / (200 * Math.PI) - 1) / 7;
  const expected = [1, 0.1, 0.01 * ((1 - s) / 16 + s), 0.001 / 16];
  t.ok(Math.abs(expected[2]! - 0.00146841) < 1e-8, 'the comment above');
  ropeFrequencies(withScaling(scaling)).forEach((frequency, i) => {
    t.ok(Math.abs(frequency / expected[i]! - 1) < 1e-12, `pair ${i}: ${frequency}`);
  });
});

t.test('a table holds the cosine and sine of position times frequency', async (t) => {
  const config = withScaling(null);
  const { cosines, sines, shape } = ropeTable(config, 300);
  t.strictSame(shape, [300, 4]);
  for (const [position, i] of [
    [0, 0],
    [1, 3],
    [7, 1],
    [299, 0],
    [299, 2],
  ] as const) {
    const angle = position * 10 ** -i;
    t.equal(cosines[position * 4 + i], Math.fround(Math.cos(angle)), `cosine at ${position}, ${i}`);
    t.equal(sines[position * 4 + i], Math.fround(Math.sin(angle)), `sine at ${position}, ${i}`);
  }
});
