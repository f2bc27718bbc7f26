/** Thrown by a reader at bytes that are not what they should be. Never leaves the node: the frame is counted and dropped. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
