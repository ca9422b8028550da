import t from 'tap';
import { CreditGranter, CreditSpender } from '../../../../src/actors/kernel/credit.js';
import { Random } from '../../../../src/random.js';
import { Checks } from '../../../kit/checks.js';

t.test('a sender without credit does not send', async (t) => {
  const spender = new CreditSpender();
  t.notOk(spender.spend());
  spender.grant(2);
  t.same([spender.spend(), spender.spend(), spender.spend()], [true, true, false]);
});

t.test('grants are totals: a repeated or overtaken grant changes nothing', async (t) => {
  const spender = new CreditSpender();
  spender.grant(10);
  spender.grant(10);
  spender.grant(4);
  t.equal(spender.available, 10);
});

t.test('credit is replenished when half the window is used', async (t) => {
  const granter = new CreditGranter(8);
  t.equal(granter.reconcile(0), 8);
  for (let i = 0; i < 8; i++) granter.arrive();
  const grants = Array.from({ length: 8 }, () => granter.consume());
  t.same(grants, [undefined, undefined, undefined, 12, undefined, undefined, undefined, 16]);
});

t.test('a window of one grants after every message', async (t) => {
  const granter = new CreditGranter(1);
  granter.reconcile(0);
  granter.arrive();
  t.equal(granter.consume(), 2);
});

t.test(
  'on a link that loses messages and grants, the window holds at every step and nothing starves',
  async (t) => {
    const checks = new Checks();
    let lost = 0;
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed, 'flaky');
      const window = random.integer(1, 20);
      const lossRate = random.uniform() * 0.4;
      const [spender, granter] = [new CreditSpender(), new CreditGranter(window)];
      // Two first-in-first-out lanes; a lost item is simply never put into its lane.
      const forward: ({ sent: number } | 'data')[] = [];
      const backward: number[] = [];
      let isLossy = true;
      const isLost = () => isLossy && random.uniform() < lossRate;
      const grant = (total: number | undefined) => {
        if (total !== undefined && !isLost()) backward.push(total);
      };
      let [delivered, lostData, waiting, deliveredLossy] = [0, 0, 0, 0];
      for (let step = 0; step < 2500; step++) {
        if (step === 1500) [isLossy, deliveredLossy] = [false, delivered];
        const move = random.integer(0, 4);
        if (move === 0 && spender.spend()) {
          if (isLost()) lostData++;
          else forward.push('data');
        } else if (move === 1 && spender.available <= 0 && random.integer(0, 9) === 0 && !isLost())
          forward.push({ sent: spender.sent });
        else if (move === 2) {
          const item = forward.shift();
          if (item === 'data') {
            granter.arrive();
            waiting++;
          } else if (item) grant(granter.reconcile(item.sent));
        } else if (move === 3 && waiting > 0) {
          waiting--;
          delivered++;
          grant(granter.consume());
        } else if (move === 4) {
          const total = backward.shift();
          if (total !== undefined) spender.grant(total);
        }
        // What is on its way: all that was sent, less what was consumed and what is known to be lost.
        const inFlight = spender.sent - delivered - granter.lost;
        checks.ok(
          inFlight <= window && waiting <= window && granter.lost <= lostData,
          `seed ${seed}, step ${step}: ${inFlight} in flight, ${waiting} waiting, window ${window}`,
        );
      }
      checks.ok(delivered >= deliveredLossy + 8, `seed ${seed}: the edge starved after its losses`);
      lost += lostData;
    }
    checks.report(t, { moreThan: 200 * 2500 });
    t.ok(lost > 1000, `${lost} messages were lost`);
  },
);
