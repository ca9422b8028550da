/** Writes the API report anew: `npm run api-report`. */
import { writeFileSync } from 'node:fs';
import { apiReport, REPORT } from './kit/api-report.js';

writeFileSync(REPORT, apiReport());
