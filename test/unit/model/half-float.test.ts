import t from 'tap';
import {
  decodeBfloat16,
  decodeFloat16,
  encodeBfloat16,
  encodeFloat16,
} from '../../../src/model/half-float.js';
import { Random } from '../../../src/random.js';
import { Checks } from '../../kit/checks.js';

const everyHalf = Uint16Array.from({ length: 65536 }, (_, half) => half);

function isNaNHalf(half: number, fractionBits: number): boolean {
  const exponentMask = (0x7fff >> fractionBits) << fractionBits;
  return (half & exponentMask) === exponentMask && (half & ((1 << fractionBits) - 1)) !== 0;
}

for (const [name, decode, encode, fractionBits] of [
  ['float16', decodeFloat16, encodeFloat16, 10],
  ['bfloat16', decodeBfloat16, encodeBfloat16, 7],
] as const) {
  t.test(`every ${name} value survives decoding and encoding`, async (t) => {
    const values = new Float32Array(65536);
    decode(everyHalf, values);
    const back = new Uint16Array(65536);
    encode(values, back);
    const wrong = everyHalf.filter((half) =>
      isNaNHalf(half, fractionBits) ? !isNaNHalf(back[half]!, fractionBits) : back[half] !== half,
    );
    t.strictSame([...wrong], []);
  });

  t.test(`${name} rounds to the nearest, ties to even`, async (t) => {
    const finite = [...everyHalf.subarray(0, 0x7c00)].filter((half) => !isNaNHalf(half, fractionBits));
    const values = new Float32Array(65536);
    decode(everyHalf, values);
    const random = new Random(7, 'half-float');
    const checks = new Checks();
    for (let trial = 0; trial < 20000; trial++) {
      const low = finite[random.integer(0, finite.length - 2)]!;
      const [a, b] = [values[low]!, values[low + 1]!];
      if (!Number.isFinite(b)) continue;
      const even = low % 2 === 0 ? low : low + 1;
      const middle = (a + b) / 2;
      const above = Math.fround(middle + (b - middle) * 2 ** -6);
      const below = Math.fround(middle - (middle - a) * 2 ** -6);
      const inputs = Float32Array.of(middle, above, below);
      if (inputs[0] !== middle || above === middle || below === middle) continue; // not a float32
      const out = new Uint16Array(3);
      encode(inputs, out);
      checks.same([...out], [even, low + 1, low], `between ${a} and ${b}`);
    }
    checks.report(t, { moreThan: 10_000 });
  });
}

t.test('known values', async (t) => {
  const halves = new Uint16Array(6);
  // 1 = 0 01111 0000000000; 65519 rounds to 65504, 65520 to infinity; 2^-25 is half the least subnormal, a tie to 0.
  encodeFloat16(Float32Array.of(1, -2, 65519, 65520, 2 ** -25, 2 ** -24), halves);
  t.strictSame([...halves], [0x3c00, 0xc000, 0x7bff, 0x7c00, 0, 1]);
  // 1 = 0x3f80 0000; 3.14159274 = 0x4049 0fdb; the largest float32 rounds to infinity.
  encodeBfloat16(Float32Array.of(1, Math.PI, 3.4028234663852886e38, -Infinity, -0, NaN), halves);
  t.strictSame([...halves], [0x3f80, 0x4049, 0x7f80, 0xff80, 0x8000, 0x7fc0]);
});
