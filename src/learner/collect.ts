/**
 * Gathers what arrives for each update until nothing is missing, as an RxJS stream.
 *
 *   arrivals  ──begin 0──group 0a──group 0b──begin 1──group 1a── …
 *   collected ──────────────────────{0: a, b}─────────────{1: a} …
 *
 * Invariants:
 * - a task is over with the message that ends it; repeated groups, groups of a task or an update that is over go to `onLate`;
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
  readonly expectedTasks: number | null;
  readonly endedTasks: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, GroupCompleted | GroupCancelled>;
}

/** Complete updates of a stream of arrivals; `onLate` is called for what no update takes. */
export function collectUpdates(
  arrivals: Observable<Arrival>,
  onLate: (arrival: GroupCompleted | GroupCancelled) => void,
): Observable<Collected> {
  const finished = new Set<number>();
  const ended = new Subject<number>();

  const gather = (state: Gathering, arrival: Arrival): Gathering => {
    if (arrival.kind === 'update.begin') return { ...state, expectedTasks: arrival.taskCount };
    const { groupId, taskId } = arrival;
    if (state.endedTasks.has(taskId) || state.groups.has(groupId)) {
      onLate(arrival);
      return state;
    }
    const endedTasks = arrival.endsTask ? new Set(state.endedTasks).add(taskId) : state.endedTasks;
    return { ...state, endedTasks, groups: new Map(state.groups).set(groupId, arrival) };
  };

  return arrivals.pipe(
    filter((arrival) => {
      const isOpen = !finished.has(arrival.update);
      if (!isOpen && arrival.kind !== 'update.begin') onLate(arrival);
      return isOpen;
    }),
    groupBy((arrival) => arrival.update, {
      duration: (group) => ended.pipe(filter((update) => update === group.key)),
    }),
    mergeMap((group) =>
      group.pipe(
        scan(gather, { expectedTasks: null, endedTasks: new Set(), groups: new Map() } as Gathering),
        filter(({ expectedTasks, endedTasks }) => expectedTasks !== null && endedTasks.size >= expectedTasks),
        take(1),
        map(({ groups }) => {
          finished.add(group.key);
          return collected(group.key, [...groups.values()]);
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
