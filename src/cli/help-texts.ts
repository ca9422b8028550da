/** What --help says below the options. */

export const TRAIN_HELP = `
Commands:
  train (default)        train a policy with GRPO
  pretrain               warm-start a policy on generated traces (pretrain --help)
  data                   write a dataset of reasoning problems in six domains (data --help)
  eval                   say how good a policy is, by domain and difficulty (eval --help)
  solve                  answer one question, with the reasoning shown (solve --help)
  doctor                 check this machine, a policy and the rewards (doctor --help)

Examples:
  $ node dist/run.js                                        the defaults: a few minutes on two cores
  $ node dist/run.js --config config/smoke.json             a few seconds, to see that everything works
  $ node dist/run.js --set learner.beta=0.04 --dry-run      what would run, and where each value comes from

Exit codes: 0 done, 1 internal error, 2 wrong arguments or configuration, 3 bad model files, 4 no answer (solve),
5 training stopped, 6 the disk refuses, 130 interrupted.`;

export const SOLVE_HELP = `
Strategies:
  forward    reason step by step; with --samples, the most frequent answer of several completions
  backward   suppose an answer and test it
  debate     forward and backward, then a skeptic and a synthesizer, until they agree
  tree       search over reasoning steps; a completion is worth the share of others that agree with it

Examples:
  $ node dist/run.js solve "What is 15% of 240?"
  $ node dist/run.js solve "What is 15% of 240?" --samples 8          the majority of eight
  $ node dist/run.js solve "What is 15% of 240?" --strategy debate --json

Exit codes: 0 an answer was found, 2 wrong arguments, 3 bad model files, 4 no answer could be read,
130 interrupted: the answer, if there is one, is the best so far.`;
