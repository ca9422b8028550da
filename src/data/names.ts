/** The people of all puzzles, in one place so that each name is one token of the nano tokenizer. */
export const NAMES: readonly string[] = [
  'Amy',
  'Ben',
  'Cal',
  'Dan',
  'Eva',
  'Fay',
  'Gus',
  'Hal',
  'Ivy',
  'Joe',
  'Kim',
  'Leo',
];
