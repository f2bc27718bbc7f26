// Every mutant: `name`, what it is `of`, the `file` in which the text `from` becomes `to`, and the `layers` meant for it.
// `also`: more changes to the file. `quick`: one of those that every change is tried with. `hangs`: to hang is what it does.
import { registerMutants } from './catalogue/attiya-register.mjs';
import { busyRegisterMutants } from './catalogue/attiya-register-busy.mjs';
import { causalMutants } from './catalogue/causal.mjs';
import { checkerMutants } from './catalogue/checker.mjs';
import { interfaceMutants } from './catalogue/interface.mjs';
import { linkMutants } from './catalogue/link.mjs';
import { replicationMutants } from './catalogue/read-replication.mjs';
import { tokenMutants } from './catalogue/token-coherence.mjs';
import { totalOrderMutants } from './catalogue/total-order.mjs';

export { notYet } from './catalogue/not-yet.mjs';

export const mutants = [
  ...registerMutants,
  ...busyRegisterMutants,
  ...totalOrderMutants,
  ...causalMutants,
  ...tokenMutants,
  ...replicationMutants,
  ...linkMutants,
  ...interfaceMutants,
  ...checkerMutants,
];
