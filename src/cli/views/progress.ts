/**
 * The progress line as a pure function of the state of a run, the width and the colours.
 *
 * Invariants: the line is never wider than asked for; parts give way in a fixed order (sparkline, bar, tail).
 */
import picocolors from 'picocolors';
import type { RunState } from '../../observe/run-state.js';

interface LineStyle {
  readonly width: number; // columns
  readonly color: boolean;
  /** Bar and sparkline, for a line that is redrawn; logs do without. */
  readonly graphics: boolean;
}

const SPARKS = '▁▂▃▄▅▆▇█';
const SPARK_COUNT = 12;
const BAR_WIDTH = 16;
const RECENT_STEPS = 15;

/** The parts of a state that the line shows. */
export type Progress = Pick<
  RunState,
  'phase' | 'update' | 'updates' | 'evaluation' | 'rewards' | 'accuracy' | 'tokensPerSecond' | 'stepSeconds'
>;

/** The line for `state`, at most `width` columns; empty where neither an update nor an evaluation is under way. */
export function renderProgress(state: Progress, style: LineStyle): string {
  const { cyan, dim, green } = picocolors.createColors(style.color);
  const { phase, evaluation } = state;
  if (phase !== 'training' && evaluation === null) return '';
  const [done, total] = evaluation ? [evaluation.done, evaluation.total] : [state.update, state.updates];
  const head = evaluation
    ? `evaluating (${labelOf(evaluation.update, state.updates)}) ${done}/${total}`
    : `update ${done}/${total}`;
  const tail = evaluation ? '' : trainingTail(state);
  const bar = style.graphics ? progressBar(total === 0 ? 1 : done / total) : '';
  const sparks = style.graphics && !evaluation ? sparkline(state.rewards.slice(-SPARK_COUNT)) : '';

  for (const [withBar, withSparks] of [
    [bar, sparks],
    [bar, ''],
    ['', ''],
  ] as const) {
    const parts = [head, withBar, withSparks, tail].filter((part) => part !== '');
    if (parts.join(' ').length > style.width) continue;
    return [head, withBar && cyan(withBar), withSparks && green(withSparks), dim(tail)]
      .filter((_, i) => [head, withBar, withSparks, tail][i] !== '')
      .join(' ');
  }
  return `${head} ${tail}`.trim().slice(0, Math.max(0, style.width));
}

function labelOf(update: number, updates: number): string {
  if (update === 0) return 'before';
  return update === updates ? 'after' : `update ${update}`;
}

function trainingTail(state: Progress): string {
  if (state.update === 0) return '';
  const eta = remainingSeconds(state.stepSeconds, state.updates - state.update);
  return [
    `reward ${(state.rewards.at(-1) ?? 0).toFixed(2)}`,
    `accuracy ${(100 * state.accuracy).toFixed(1)} %`,
    `tok/s ${compact(state.tokensPerSecond.rollout)}`,
    `ETA ${eta === undefined ? '?' : clock(eta)}`,
  ].join(' ');
}

/** Seconds left: the median of the last steps times the steps to go; undefined before the first step. */
export function remainingSeconds(stepSeconds: readonly number[], stepsLeft: number): number | undefined {
  const recent = stepSeconds.slice(-RECENT_STEPS).sort((a, b) => a - b);
  if (recent.length === 0) return undefined;
  const upper = recent[recent.length >> 1]!;
  const lower = recent[(recent.length - 1) >> 1]!;
  return ((lower + upper) / 2) * Math.max(0, stepsLeft);
}

/** `0:42`, `12:05`, `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** `950`, `3.1k`, `31k`, `1.2M`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (value < 999.5) return value.toFixed(0);
  const [scaled, unit] = value < 999_500 ? [value / 1e3, 'k'] : [value / 1e6, 'M'];
  return `${scaled.toFixed(scaled < 9.95 ? 1 : 0)}${unit}`;
}

/** One block per value between the lowest and the highest of them; a value that is not finite is a gap. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(...finite);
  const range = Math.max(...finite) - low;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return '·';
      return SPARKS[range === 0 ? 3 : Math.round(((value - low) / range) * (SPARKS.length - 1))]!;
    })
    .join('');
}

function progressBar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `▕${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}▏`;
}
