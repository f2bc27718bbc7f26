export type { Subject } from '@dsm/simulator';
