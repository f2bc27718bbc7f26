/** One production cache cluster: its mean sizes in bytes, how often each operation comes, its Zipf exponent. */
export interface Cluster {
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** As published: `name:share`, rounded to hundredths, so the shares add up to about 1. */
  readonly operations: string;
  /** `undefined` where none was published. */
  readonly exponent: number | undefined;
}

/**
 * Statistics of the cache clusters of Twitter in March 2020, published with the traces of J. Yang, Y. Yue,
 * K. V. Rashmi: "A large scale analysis of hundreds of in-memory cache clusters at Twitter", OSDI 2020.
 * Licensed by their authors under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); rewritten as a table.
 */
export const clusters: ReadonlyMap<number, Cluster> = new Map([
  cluster(1, 80, 267, 'get:0.99', 2.6774),
  cluster(2, 21, 68, 'get:1.00', 1.4908),
  cluster(3, 19, 120, 'get:0.99', 1.6414),
  cluster(4, 67, 2439, 'get:0.93 set:0.07', 1.1004),
  cluster(6, 44, 252, 'get:0.98 set:0.02', 1.882),
  cluster(7, 17, 1936, 'get:0.82 set:0.18', 1.0666),
  cluster(8, 23, 9497, 'set:0.50 get:0.50', 1.7366),
  cluster(9, 32, 39, 'get:0.99', 1.6796),
  cluster(10, 22, 2333, 'add:0.50 get:0.50', 0),
  cluster(11, 24, 170, 'get:0.96 add:0.02 gets:0.01 cas:0.01', 1.4891),
  cluster(12, 44, 1030, 'set:0.80 get:0.20', 0.3048),
  cluster(13, 44, 4266, 'get:0.38 set:0.62', 0.4565),
  cluster(14, 96, 414, 'get:0.65 delete:0.22 set:0.13', 1.2959),
  cluster(15, 18, 102, 'set:1.00', 0.0242),
  cluster(16, 18, 115, 'get:0.93 set:0.04 add:0.01', 1.7862),
  cluster(17, 19, 212, 'get:0.99', 2.1106),
  cluster(18, 18, 37, 'get:0.96 add:0.01 gets:0.01 cas:0.01', 2.0994),
  cluster(19, 42, 101, 'get:0.75 set:0.25', 0.735),
  cluster(20, 26, 55, 'get:0.96 add:0.03', 1.3699),
  cluster(21, 25, 1, 'add:1.00', 0.0521),
  cluster(22, 54, 4, 'get:0.72 incr:0.18 set:0.10', 0.7624),
  cluster(23, 35, 224, 'set:0.31 get:0.36 incr:0.30 delete:0.02', 0.274),
  cluster(24, 32, 699, 'get:0.99', 1.3726),
  cluster(25, 49, 28, 'get:0.95 add:0.02 gets:0.02 cas:0.02', 0.9929),
  cluster(26, 122, 1745, 'get:0.71 set:0.29', 0.6299),
  cluster(27, 66, 8, 'get:0.85 set:0.15', 1.065),
  cluster(28, 45, 85, 'get:0.91 set:0.03 add:0.03', 1.503),
  cluster(29, 36, 799, 'get:0.86 set:0.13', 1.2323),
  cluster(30, 22, 689, 'get:0.99', 1.4259),
  cluster(31, 41, 15, 'set:0.94 get:0.06', 0),
  cluster(32, 41, 138, 'set:0.98 get:0.02', 0),
  cluster(33, 24, 1118, 'get:0.99 set:0.01', 1.354),
  cluster(34, 33, 322, 'get:0.94 set:0.06', 1.1401),
  cluster(35, 19, 1796, 'get:0.96 set:0.04', 0),
  cluster(36, 23, 78, 'get:0.93 add:0.04 gets:0.01 cas:0.01', 1.2169),
  cluster(37, 72, 20134, 'set:0.37 get:0.63', 0.4251),
  cluster(38, 41, 185, 'set:0.94 get:0.06', 0),
  cluster(39, 41, 80, 'set:0.94 get:0.06', 0),
  cluster(40, 44, 155, 'set:0.50 get:0.50', 0.8551),
  cluster(41, 44, 171, 'get:0.50 set:0.50', 0.8542),
  cluster(42, 40, 4703, 'get:0.96 add:0.04', 1.5974),
  cluster(43, 44, 304, 'set:0.50 get:0.50', undefined),
  cluster(44, 25, 22, 'get:0.98 add:0.01', 1.4084),
  cluster(45, 10, 120, 'add:0.15 get:0.85', 0.6372),
  cluster(46, 44, 928, 'set:0.32 get:0.68', undefined),
  cluster(47, 44, 267, 'get:1.00', 2.0637),
  cluster(48, 44, 70, 'set:0.35 get:0.65', 0.8191),
  cluster(49, 44, 10658, 'set:0.43 get:0.57', 1.5095),
  cluster(50, 18, 67485, 'get:0.52 set:0.48', 1.2816),
  cluster(51, 44, 221, 'get:0.90 set:0.10', 1.9745),
  cluster(52, 20, 273, 'get:0.91 add:0.04 gets:0.02 cas:0.02', 1.2117),
  cluster(53, 36, 9213, 'get:0.89 set:0.03 prepend:0.09', 1.2061),
  cluster(54, 19, 246, 'get:0.97 set:0.03', 1.611),
]);

function cluster(
  number: number,
  keyBytes: number,
  valueBytes: number,
  operations: string,
  exponent: number | undefined,
): [number, Cluster] {
  return [number, { keyBytes, valueBytes, operations, exponent }];
}
