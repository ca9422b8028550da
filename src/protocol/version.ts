/**
 * The version of the message protocol, so that two builds that disagree say so instead of misreading each other.
 */

/** Raised by one whenever a message changes in a way that an older reader would misunderstand. */
export const PROTOCOL_VERSION = 1;
