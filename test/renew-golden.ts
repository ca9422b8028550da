/**
 * Writes test/golden anew: the values that this working tree gives for the inputs that lie there.
 *
 *   npm run golden
 *
 * Read the difference that it makes before you commit it: each changed value is a decision, and belongs in docs/decisions.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  advantagesNow,
  datasetNow,
  firstUpdateNow,
  promptsNow,
  readGolden,
  rewardsNow,
  writeGolden,
} from './kit/golden.js';

const folder = mkdtempSync(join(tmpdir(), 'dialectic-golden-'));
writeGolden('dataset', datasetNow());
writeGolden('prompts', promptsNow(readGolden('prompts')));
writeGolden('rewards', rewardsNow(readGolden('rewards')));
writeGolden('advantages', advantagesNow(readGolden('advantages')));
writeGolden('first-update', await firstUpdateNow(readGolden('first-update'), folder));
rmSync(folder, { recursive: true });
