/** The place that a protocol gave to a command: its logical time, and what breaks ties. Compared part by part. */
export type Timestamp = readonly [time: number, slot: number, sequence: number];

/** A command that was given to the protocol, for the members of a group to deliver. */
export interface SentCommand {
  /** Its name: no other command of the run has it. */
  readonly command: string;
  /** The members that have to deliver it. */
  readonly group: readonly string[];
  /** Who sent it. If that member stops, the command may be lost, but for nobody alone. */
  readonly from?: string | undefined;
}

/** One delivery of a command. */
export interface Delivery {
  readonly command: string;
  /** The place that the member knew it to have. */
  readonly timestamp?: Timestamp | undefined;
}

/** What one member delivered, in its order. */
export interface DeliveryLog {
  readonly member: string;
  readonly deliveries: readonly Delivery[];
  /** It crashed or left: nothing is missing here, but what it delivered counts. */
  readonly stopped?: boolean | undefined;
}

/** Negative, 0 or positive, as the first is smaller, equal or larger. */
export function compareTimestamps(one: Timestamp, other: Timestamp): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
