/**
 * Gathers what arrives for each update until nothing is missing, as an RxJS stream.
 *
 *   arrivals  ──begin 0──group 0a──group 0b──begin 1──group 1a── …
 *   collected ──────────────────────{0: a, b}─────────────{1: a} …
 *
 * Invariants:
 * - a task counts once, by its first arrival; repetitions and arrivals for an update that is over go to `late`;
 * - the announcement of an update and its groups may arrive in any order.
 */
import { filter, finalize, groupBy, map, mergeMap, type Observable, Subject, scan, take } from 'rxjs';
import type { GroupCancelled, GroupCompleted, UpdateBegin } from '../protocol/index.js';

export type Arrival = UpdateBegin | GroupCompleted | GroupCancelled;

export interface Collected {
  readonly update: number;
  readonly completed: readonly GroupCompleted[];
  readonly cancelled: readonly GroupCancelled[];
}

interface Gathering {
  readonly expected: number | null;
  readonly tasks: ReadonlyMap<string, GroupCompleted | GroupCancelled>;
}

/** Complete updates of a stream of arrivals; `late` is called for what no update takes. */
export function collectUpdates(
  arrivals: Observable<Arrival>,
  late: (arrival: GroupCompleted | GroupCancelled) => void,
): Observable<Collected> {
  const finished = new Set<number>();
  const ended = new Subject<number>();

  const gather = (state: Gathering, arrival: Arrival): Gathering => {
    if (arrival.kind === 'update.begin') return { ...state, expected: arrival.groupCount };
    if (state.tasks.has(arrival.taskId)) {
      late(arrival);
      return state;
    }
    return { ...state, tasks: new Map(state.tasks).set(arrival.taskId, arrival) };
  };

  return arrivals.pipe(
    filter((arrival) => {
      const isOpen = !finished.has(arrival.update);
      if (!isOpen && arrival.kind !== 'update.begin') late(arrival);
      return isOpen;
    }),
    groupBy((arrival) => arrival.update, {
      duration: (group) => ended.pipe(filter((update) => update === group.key)),
    }),
    mergeMap((group) =>
      group.pipe(
        scan(gather, { expected: null, tasks: new Map() } as Gathering),
        filter(({ expected, tasks }) => expected !== null && tasks.size >= expected),
        take(1),
        map(({ tasks }) => {
          finished.add(group.key);
          return collected(group.key, [...tasks.values()]);
        }),
        // Only now: a group that ends while its last value is on the way takes the value with it.
        finalize(() => ended.next(group.key)),
      ),
    ),
  );
}

function collected(update: number, arrivals: readonly (GroupCompleted | GroupCancelled)[]): Collected {
  const completed = arrivals.filter((arrival) => arrival.kind === 'group.completed');
  const cancelled = arrivals.filter((arrival) => arrival.kind === 'group.cancelled');
  return { update, completed, cancelled };
}
