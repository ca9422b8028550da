/**
 * Summarization: a technical document, a text of several paragraphs, key points of a meeting, and two reports brought together.
 *
 * Invariants: the source stands in the question and in the constraints; a summary is shorter than half of its source and says
 * nothing that the source does not say.
 */
import { topicOf } from '../example.js';
import { document } from './summary-document.js';
import { paragraphs } from './summary-history.js';
import { keyPoints } from './summary-meeting.js';
import { synthesis } from './summary-synthesis.js';

export const summarizationTopics = [
  topicOf('document', 'summarization', 'technical_document', [document]),
  topicOf('multi_paragraph', 'summarization', 'compression', [paragraphs]),
  topicOf('key_points', 'summarization', 'key_points', [keyPoints]),
  topicOf('synthesis', 'summarization', 'synthesis', [synthesis]),
];
