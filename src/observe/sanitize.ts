/**
 * Makes model text safe to print: what a policy writes must not move the cursor, recolour or reorder a terminal.
 *
 * Invariants: the result holds no control character but newline and tab, no bidirectional control and no lone
 * surrogate.
 */

// Whole escape sequences go first, so that their parameters do not stay behind as litter: CSI, then OSC and the
// other strings up to their terminator. A string's text excludes whatever may begin another one: linear time.
const CSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;
const CONTROL_STRING =
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\|\u009c)/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text that may span lines. */
export function sanitizeText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(CONTROL_STRING, '')
    .replaceAll(CSI, '')
    .replaceAll(CONTROL, '')
    .replaceAll(BIDIRECTIONAL, '')
    .replaceAll(LONE_SURROGATE, '\ufffd');
}

/** Text on one line, at most `maxCharacters` long. */
export function sanitizeLine(text: string, maxCharacters = 200): string {
  const line = sanitizeText(text).replaceAll(/\s+/g, ' ').trim();
  const characters = [...line]; // a surrogate pair is one
  if (characters.length <= maxCharacters) return line;
  return `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** JSON in which what could alter a terminal is written as `\u....`; parsed it is the same value. */
export function escapeJson(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
