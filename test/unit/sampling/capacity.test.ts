import t from 'tap';
import { slotCapacity } from '../../../src/sampling/capacity.js';

t.test(
  'a slot has room for what is needed, in steps of 16, within the positions of the policy',
  async (t) => {
    t.same(
      [1, 16, 17, 500, 512, 513].map((needed) => slotCapacity(needed, 512)),
      [16, 16, 32, 512, 512, 512],
    );
    t.equal(slotCapacity(90, 100), 96);
    t.equal(slotCapacity(98, 100), 100, 'a policy need not end on a step');
  },
);
