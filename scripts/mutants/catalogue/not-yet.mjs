// Mistakes that cannot be made yet, since what they break does not exist.

const views = 'view changes';

export const notYet = [
  {
    name: "a departed member's pending command is dropped at one member only",
    of: 'total-order',
    needs: views,
  },
  { name: 'membership is taken at delivery instead of sending', of: 'total-order', needs: views },
  { name: 'messages of a member that leaves are dropped', of: 'total-order', needs: views },
  { name: 'acknowledged before it is durable', of: 'links and groups', needs: 'durable stores' },
  { name: 'a view change is decided by a minority', of: 'links and groups', needs: views },
  { name: 'sealed member keeps answering', of: 'links and groups', needs: views },
  { name: 'lease not waited out', of: 'links and groups', needs: `${views} and leases` },
  { name: '`ENOSPC` swallowed', of: 'interface', needs: 'durable stores' },
];
