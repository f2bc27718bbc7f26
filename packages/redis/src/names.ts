/** What the names of a group's keys begin with. Encoded, so that no group's names begin with those of another. */
export function prefixOf(group: string): string {
  return `dsm:${encodeURIComponent(group)}:`;
}

/** A pattern of Redis that stands for what begins with this text, whatever is in it. */
export function patternOf(prefix: string): string {
  return `${prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
}

/** A name for the server's list of clients, which takes no spaces. */
export function clientNameOf(group: string, id: string): string {
  return `dsm:${group}:${id}`.replace(/[^\x21-\x7e]/g, '_');
}
