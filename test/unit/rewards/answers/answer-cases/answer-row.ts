/** The form of the tables in this folder. */

/** The gold answer first, then what was given. */
export type AnswerRow = readonly [gold: string, ...given: string[]];

export interface AnswerCases {
  /** Given answers that are the gold answer. */
  readonly accepted: readonly AnswerRow[];
  /** Given answers that are not the gold answer, or not surely. */
  readonly rejected: readonly AnswerRow[];
}
