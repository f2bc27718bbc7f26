/** Thrown by a reader at bytes that are not what they should be. The node counts and drops the frame. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
